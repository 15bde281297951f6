// Rules expanded by the libraries that JavaScript has for it, as somebody careful would call them: on the
// wall, as both recommend. Neither is asked for the instants, which ours gives and theirs would cost them
// a conversion each.

import ICAL from "ical.js";
import rrule from "rrule";

const { RRule } = rrule;

/** The expanders by name: `read` a rule, and give the seconds on the wall of its occurrences between two. */
export const libraries = {
  // It counts in a UTC that stands for the wall. Without its cache: a request reads its rules anew.
  "rrule.js": {
    read: ({ start, rule }) => new RRule({ ...RRule.parseString(rule), dtstart: new Date(start * 1000) }, true),
    expand: (rule, from, until) => rule.between(new Date(from * 1000), new Date(until * 1000 - 1), true),
    walls: (dates) => dates.map((date) => date.getTime() / 1000),
  },
  "ical.js": {
    read: ({ start, rule }) => ({ recur: ICAL.Recur.fromString(rule), start: timeOf(start) }),
    expand({ recur, start }, from, until) {
      const first = timeOf(from);
      const behind = timeOf(until);
      const found = [];
      const iterator = recur.iterator(start);
      for (let next = iterator.next(); next !== null && next !== undefined; next = iterator.next()) {
        if (next.compare(behind) >= 0) break;
        if (next.compare(first) >= 0) found.push(next.clone());
      }
      return found;
    },
    walls: (times) => times.map(({ year, month, day, hour, minute, second }) => Date.UTC(year, month - 1, day, hour, minute, second) / 1000),
  },
};

/** A time on the wall. */
function timeOf(wall) {
  const date = new Date(wall * 1000);
  return new ICAL.Time({
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  });
}
