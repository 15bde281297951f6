// A file of iCalendar, the same in every run: events as calendars export them, in zones that the file
// defines, some with people, reminders, long texts and rules.

import { Choices } from "./random.mjs";

const DAY_MS = 86_400_000;

/** A zone as exports define it: the rules that hold today. */
const zone = (name, [standard, daylight], [standardOffset, daylightOffset], [standardRule, daylightRule]) => [
  "BEGIN:VTIMEZONE",
  `TZID:${name}`,
  "BEGIN:DAYLIGHT",
  `TZOFFSETFROM:${standardOffset}`,
  `TZOFFSETTO:${daylightOffset}`,
  `TZNAME:${daylight}`,
  `DTSTART:19700308T020000`,
  `RRULE:FREQ=YEARLY;${daylightRule}`,
  "END:DAYLIGHT",
  "BEGIN:STANDARD",
  `TZOFFSETFROM:${daylightOffset}`,
  `TZOFFSETTO:${standardOffset}`,
  `TZNAME:${standard}`,
  `DTSTART:19701101T020000`,
  `RRULE:FREQ=YEARLY;${standardRule}`,
  "END:STANDARD",
  "END:VTIMEZONE",
];
const ZONES = {
  "Europe/Berlin": zone("Europe/Berlin", ["CET", "CEST"], ["+0100", "+0200"], ["BYMONTH=10;BYDAY=-1SU", "BYMONTH=3;BYDAY=-1SU"]),
  "Europe/London": zone("Europe/London", ["GMT", "BST"], ["+0000", "+0100"], ["BYMONTH=10;BYDAY=-1SU", "BYMONTH=3;BYDAY=-1SU"]),
  "America/New_York": zone("America/New_York", ["EST", "EDT"], ["-0500", "-0400"], ["BYMONTH=11;BYDAY=1SU", "BYMONTH=3;BYDAY=2SU"]),
};

const TITLES = ["Weekly review", "Call with Ana Souza", "Mittagessen mit Jörg", "1:1", "Board meeting\\, third quarter", "Zahnarzt", "会議：予算の見直し"];
const PLACES = ["", "", "Room 4.12", "Torstraße 1\\, 10119 Berlin", "https://meet.example.com/abc-defg-hij"];
const SENTENCES = [
  "She needs the numbers before the board meets; they are in the annex.",
  "Bitte die Unterlagen vorher lesen\\, wir haben nur eine Dreiviertelstunde.",
  "Join by phone: +49 30 123456\\; the code is 4711.\\n",
  "\\nAgenda: what was decided\\, what is open\\, who does what until when.",
];
const RULES = ["FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=DAILY;COUNT=20", "FREQ=MONTHLY;BYDAY=1TU", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20411231T235959Z"];

/** A file with so many events, or of so many bytes and one event more at most: its bytes, and how many
 * events it has. They lie in some days from the start of 2026 on; of those in a zone a part repeats. */
export function icsFile({ count = Infinity, bytes = Infinity, days, repeats }) {
  const choices = new Choices(5546);
  const parts = [text(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", ...Object.values(ZONES).flat()])];
  const encoder = new TextEncoder();
  let events = 0;
  for (let length = 0; length < bytes && events < count; events += 1) {
    const next = text(event(events, days, repeats, choices));
    parts.push(next);
    length += encoder.encode(next).length;
  }
  return { bytes: encoder.encode(`${parts.join("")}END:VCALENDAR\r\n`), events };
}

function event(number, days, repeats, choices) {
  const uid = `${String(number).padStart(6, "0")}-bench@example.com`;
  const day = Date.UTC(2026, 0, 1) + choices.number(0, days - 1) * DAY_MS;
  const lines = ["BEGIN:VEVENT", `UID:${uid}`, "DTSTAMP:20261101T080000Z", "CREATED:20251101T080000Z", "LAST-MODIFIED:20261015T120000Z"];
  // No clock changes between eight and eighteen.
  const start = day + choices.number(32, 68) * 900_000;
  const end = start + choices.of([1, 2, 2, 4, 6]) * 900_000;
  const kind = choices.number(1, 10);
  if (kind === 1) {
    lines.push(`DTSTART;VALUE=DATE:${date(day)}`, `DTEND;VALUE=DATE:${date(day + choices.number(1, 3) * DAY_MS)}`);
  } else if (kind === 2) {
    lines.push(`DTSTART:${wall(start)}Z`, `DTEND:${wall(end)}Z`);
  } else {
    const name = choices.of(Object.keys(ZONES));
    lines.push(`DTSTART;TZID=${name}:${wall(start)}`, `DTEND;TZID=${name}:${wall(end)}`);
    if (choices.is(repeats)) {
      lines.push(`RRULE:${choices.of(RULES)}`);
      if (choices.is(0.4)) lines.push(`EXDATE;TZID=${name}:${wall(start + 7 * DAY_MS)}`);
    }
  }
  lines.push(`SUMMARY:${choices.of(TITLES)}`, `LOCATION:${choices.of(PLACES)}`);
  const sentences = Array.from({ length: choices.number(0, 6) }, () => choices.of(SENTENCES));
  lines.push(`DESCRIPTION:${sentences.join(" ")}`, `STATUS:${choices.of(["CONFIRMED", "CONFIRMED", "TENTATIVE"])}`);
  lines.push(`TRANSP:${choices.of(["OPAQUE", "OPAQUE", "TRANSPARENT"])}`, `SEQUENCE:${choices.number(0, 3)}`);
  if (choices.is(0.4)) {
    lines.push("ORGANIZER;CN=Ana Souza:mailto:ana@example.com");
    for (let guest = choices.number(1, 6); guest > 0; guest -= 1) {
      const state = choices.of(["ACCEPTED", "DECLINED", "NEEDS-ACTION", "TENTATIVE"]);
      lines.push(`ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=${state};CN="Guest, ${guest}":mailto:guest${guest}@example.org`);
    }
  }
  if (choices.is(0.5)) {
    lines.push("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", `TRIGGER:-PT${choices.of([5, 10, 30])}M`, "END:VALARM");
  }
  return [...lines, "END:VEVENT"];
}

const date = (instant) => new Date(instant).toISOString().slice(0, 10).replaceAll("-", "");
const wall = (instant) => new Date(instant).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");

/** Content lines as a file has them: none longer than 75 bytes (RFC 5545, 3.1). */
function text(lines) {
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

function folded(line) {
  const parts = [];
  let part = "";
  let length = 0;
  for (const character of line) {
    const more = Buffer.byteLength(character);
    if (length + more > 74) {
      parts.push(part);
      [part, length] = ["", 0];
    }
    part += character;
    length += more;
  }
  return [...parts, part].join("\r\n ");
}
