// The rules of a new task (core/src/task.rs, core/src/time.rs).

const FIELDS = new Set(["title", "description", "status", "priority", "due", "duration_minutes", "links"]);
const STATUSES = new Set(["todo", "in_progress", "completed", "cancelled"]);
const PRIORITIES = new Set(["low", "medium", "high", "urgent"]);
const LINK_KINDS = { email: /^eml_[0-7][0-9a-hjkmnp-tv-z]{25}$/, meeting: /^mtg_[0-7][0-9a-hjkmnp-tv-z]{25}$/ };
const MAX_TITLE = 500;
const MAX_DESCRIPTION = 20_000;
const MAX_DURATION_MINUTES = 7 * 24 * 60;
const MAX_LINKS = 50;

export class Invalid extends Error {
  constructor(place, code) {
    super(code);
    this.place = place;
    this.code = code;
  }
}

/** The task that a body makes; `personZone` is asked only where a day is due. */
export async function taskOf(text, id, now, personZone) {
  let input;
  try {
    input = JSON.parse(text);
  } catch {
    throw new Invalid("", "not_json");
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw new Invalid("", "invalid_value");
  for (const name in input) if (!FIELDS.has(name)) throw new Invalid(`/${name}`, "unknown_field");
  const title = line(input.title);
  const description = block(input.description ?? absent(input, "description", ""));
  const status = word(input.status ?? absent(input, "status", "todo"), STATUSES, "/status");
  const priority = word(input.priority ?? absent(input, "priority", "medium"), PRIORITIES, "/priority");
  const minutes = input.duration_minutes ?? null;
  if (minutes !== null && (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_DURATION_MINUTES)) {
    throw new Invalid("/duration_minutes", "out_of_range");
  }
  const links = linksOf(input.links ?? absent(input, "links", []));
  const due = input.due == null ? undefined : await dueOf(input.due, personZone);
  return {
    task: {
      id,
      title,
      description,
      status,
      priority,
      due: due?.resolved ?? null,
      duration_minutes: minutes,
      completed_at: status === "completed" ? now : null,
      source: null,
      confidence: null,
      links,
      created_at: now,
      updated_at: now,
    },
    dueAt: due?.resolved.instant ?? null,
    dueZone: due?.zone ?? null,
  };
}

/** What a field is that may be absent but not null. */
function absent(input, name, value) {
  if (input[name] === null) throw new Invalid(`/${name}`, "invalid_value");
  return value;
}

function line(value) {
  if (typeof value !== "string") throw new Invalid("/title", value === undefined ? "missing" : "invalid_value");
  const text = value.trim();
  if (text === "") throw new Invalid("/title", "empty");
  if (/\p{Cc}/u.test(text)) throw new Invalid("/title", "control_character");
  if (isLonger(text, MAX_TITLE)) throw new Invalid("/title", "too_long");
  return text;
}

function block(value) {
  if (typeof value !== "string") throw new Invalid("/description", "invalid_value");
  if (value.includes("\0")) throw new Invalid("/description", "control_character");
  if (isLonger(value, MAX_DESCRIPTION)) throw new Invalid("/description", "too_long");
  return value;
}

/** Whether a text has more characters, counting them only where their number can matter. */
function isLonger(text, most) {
  return text.length > most && [...text].length > most;
}

function word(value, words, place) {
  if (!words.has(value)) throw new Invalid(place, "invalid_value");
  return value;
}

function linksOf(links) {
  if (!Array.isArray(links)) throw new Invalid("/links", "invalid_value");
  if (links.length > MAX_LINKS) throw new Invalid("/links", "too_many");
  const kept = new Map();
  for (const link of links) {
    const form = Object.hasOwn(LINK_KINDS, link?.kind) ? LINK_KINDS[link.kind] : undefined;
    if (typeof link?.id !== "string" || !form?.test(link.id) || Object.keys(link).length !== 2) {
      throw new Invalid("/links", "invalid_value");
    }
    kept.set(`${link.kind} ${link.id}`, { kind: link.kind, id: link.id });
  }
  return [...kept.values()];
}

async function dueOf(due, personZone) {
  const { date, date_time: dateTime, time_zone: timeZone, instant: _, ...rest } = due;
  if (Object.keys(rest).length > 0) throw new Invalid("/due", "unknown_field");
  if (date != null && dateTime == null && timeZone == null) {
    const day = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN;
    if (Number.isNaN(day)) throw new Invalid("/due", "invalid_value");
    const zone = await personZone();
    return { resolved: { date, instant: instantOf(day + 86_400_000, zone) }, zone };
  }
  if (date == null && dateTime != null && timeZone != null) {
    const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?$/.exec(dateTime);
    const civil = form === null ? NaN : Date.parse(`${form[1]}${form[2] ?? ":00"}Z`);
    if (Number.isNaN(civil)) throw new Invalid("/due", "invalid_value");
    const resolved = {
      date_time: `${form[1]}${form[2] ?? ":00"}`,
      time_zone: timeZone,
      instant: instantOf(civil, timeZone),
    };
    return { resolved, zone: undefined };
  }
  throw new Invalid("/due", "invalid_value");
}

const formats = new Map();

/** The instant of a civil time: in a gap the offset before it holds, of two the first is meant. */
function instantOf(civil, zone) {
  const before = offset(civil - 86_400_000, zone);
  const after = offset(civil + 86_400_000, zone);
  const candidates = [civil - before, civil - after].filter((at) => at + offset(at, zone) === civil);
  const at = candidates.length === 0 ? civil - before : Math.min(...candidates);
  return new Date(at).toISOString();
}

function offset(at, zone) {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    } catch {
      throw new Invalid("/due", "invalid_value");
    }
    formats.set(zone, format);
  }
  return Date.parse(`${format.format(at).replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
}
