// People and tasks to measure with, the same in both Workers.

import { identifier, token } from "./tokens.mjs";

/** How many people there are whose tasks are read, and as many who write. */
export const PEOPLE = 1000;
/** How many tasks each of the first has: one page. */
const TASKS = 50;

export const reader = (n) => person(n);
export const writer = (n) => person(PEOPLE + n);

function person(n) {
  const user = identifier("usr", n);
  return { user, token: token(user, identifier("ses", n)) };
}

/** So many tokens of one person and one session, each another. */
export const tokens = (number) =>
  Array.from({ length: number }, (_, n) => ({ token: token(identifier("usr", 0), identifier("ses", 0), n + 1) }));

/** Puts them into a database. SQLite makes the rows: a few statements, not fifty thousand. */
export async function fill(database) {
  await database.batch([
    database.prepare(
      `WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ${2 * PEOPLE - 1})
       INSERT INTO users (id, email, email_key, name, time_zone, role, created_at, updated_at)
       SELECT printf('usr_01bench%019d', n), n || '@example.com', n || '@example.com', 'Person ' || n,
              'Europe/Berlin', 'member', '2026-11-02T08:00:00.000Z', '2026-11-02T08:00:00.000Z' FROM n`,
    ),
    database.prepare(
      `INSERT INTO sessions (id, user_id, user_agent, created_at, last_used_at)
       SELECT replace(id, 'usr_', 'ses_'), id, 'bench', created_at, created_at FROM users WHERE id LIKE 'usr_01bench%'`,
    ),
    database.prepare(
      `WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ${PEOPLE * TASKS - 1})
       INSERT INTO tasks (id, user_id, title, description, status, priority, due, due_at, source, confidence,
                          links, created_at, updated_at)
       SELECT printf('tsk_01bench%019d', n), printf('usr_01bench%019d', n / ${TASKS}),
              'Send the signed contract number ' || n || ' to Ana Souza',
              CASE n % 3 WHEN 0 THEN '' ELSE 'She needs it before the board meets; the numbers of the third quarter are in the annex.' END,
              CASE n % 5 WHEN 0 THEN 'completed' ELSE 'todo' END,
              CASE n % 4 WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'urgent' END,
              CASE n % 2 WHEN 0 THEN '{"date_time":"2026-12-04T17:00:00","time_zone":"Europe/Berlin","instant":"2026-12-04T16:00:00.000Z"}' END,
              CASE n % 2 WHEN 0 THEN '2026-12-04T16:00:00.000Z' END,
              CASE n % 2 WHEN 0 THEN printf('{"kind":"email","id":"eml_01bench%019d","quote":"Could you send me the signed contract by Friday at five?","start":120,"end":176}', n) END,
              CASE n % 2 WHEN 0 THEN 0.8 END,
              CASE n % 2 WHEN 0 THEN printf('[{"kind":"email","id":"eml_01bench%019d"}]', n) ELSE '[]' END,
              '2026-11-02T08:00:00.000Z', '2026-11-02T08:00:00.000Z'
       FROM n`,
    ),
    database.prepare(
      `INSERT INTO task_search (rowid, owner, title, description) SELECT row, user_id, title, description FROM tasks`,
    ),
  ]);
}
