// What is left of a person: every column of every table, by whatever names them.

/** Tables that SQLite keeps for itself, and the list of migrations. */
const INTERNAL = /^(sqlite_|d1_migrations$)/;
/** Tables of the platform, which D1 lets nobody read. */
const SECLUDED = /^_(cf|mf)_/;

/** A value as it is searched: without the difference of upper and lower case, byte for byte. */
function searchable(value) {
  if (value === null || typeof value === 'number') return '';
  return Buffer.from(value).toString('latin1').toLowerCase();
}

/**
 * Where any of these texts still stands, as `table.column: text`. `all` asks a database for rows; the
 * tables in which FTS5 keeps its index are tables like others. `secluded` leaves out what only a
 * database's file shows.
 */
export async function remains(all, needles, { secluded = true } = {}) {
  const tables = await all("SELECT name FROM sqlite_master WHERE type = 'table'");
  const looked = tables.filter(({ name }) => !INTERNAL.test(name) && !(secluded && SECLUDED.test(name)));
  if (looked.length === 0 && secluded) throw new Error('there is nothing to look at');
  const found = new Set();
  for (const { name } of looked) {
    for (const row of await all(`SELECT * FROM "${name}"`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = searchable(value);
        const needle = needles.find((each) => text.includes(searchable(each)));
        if (needle !== undefined) found.add(`${name}.${column}: ${needle}`);
      }
    }
  }
  return [...found];
}
