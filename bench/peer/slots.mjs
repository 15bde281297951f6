// The search for times to meet in JavaScript, for the figure `slots`: ours as well, written as somebody
// careful would with date-fns. It goes through the candidates one by one and asks every rule about each
// person; rules and points are those of core/src/calendar/slots/rules.rs. What does not depend on the
// candidate (hours, merged busy time, full days) is worked out once, hours that people share once for
// all of them, and a sorted list is not looked through beyond the candidate.
//
// It does less than Delegate: it gives no reasons, proposes nothing where there is no slot, knows no
// journeys and no dates with other hours, and checks nothing.

import { TZDate } from "@date-fns/tz";
import { addDays, addMinutes, differenceInMinutes, getDay, isAfter, isBefore, set, startOfDay, subMinutes } from "date-fns";

const BACK_TO_BACK_MINUTES = 10;
const FAR_OUTSIDE_MINUTES = 120;
const DAY_MINUTES = 24 * 60;
const MISSING_OPTIONAL = 20;
const LATER_BY_A_DAY = 1;

const USUAL_HOURS = {
  working_hours: [{ days: ["MO", "TU", "WE", "TH", "FR"], start: "09:00", end: "17:00" }],
};
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/** How times are compared: as dates, with date-fns. */
export const dates = {
  of: (date) => new Date(date),
  plus: addMinutes,
  minus: subMinutes,
  minutesBetween: (start, end) => differenceInMinutes(end, start),
  isBefore,
  /** Where in a sorted list, from a place on, the first interval stands that ends after a time. */
  firstEndingAfter(intervals, time, from) {
    let at = from;
    while (at < intervals.length && !isAfter(intervals[at].end, time)) at += 1;
    return at;
  },
};

/** How times are compared: as numbers, in lists searched by halves. The same search without date-fns. */
export const numbers = {
  of: Number,
  plus: (time, minutes) => time + minutes * 60_000,
  minus: (time, minutes) => time - minutes * 60_000,
  minutesBetween: (start, end) => Math.trunc((end - start) / 60_000),
  isBefore: (one, other) => one < other,
  firstEndingAfter(intervals, time, start) {
    let from = start;
    let until = intervals.length;
    while (from < until) {
      const middle = (from + until) >> 1;
      if (intervals[middle].end <= time) from = middle + 1;
      else until = middle;
    }
    return from;
  },
};

/** The best slots of a request (the body of `POST /api/v1/calendar/slots`) whose people have these
 * agendas, the best first. */
export function findSlots({ request, agendas, now }, times) {
  const rules = rulesOf(request.constraints ?? {}, times);
  const { people, days } = prepare(request, agendas, times);
  const required = people.filter((person) => person.isRequired);
  const optional = people.filter((person) => !person.isRequired);
  const notice = Math.max(0, ...required.map((person) => person.notice));
  const earliest = times.of(addMinutes(now, notice));
  const windowStart = times.of(new Date(request.window.start));
  const windowEnd = times.of(new Date(request.window.end));
  const found = [];
  days.forEach((day, daysLater) => {
    // Nothing that a rule asks about lies more than some hours before the candidate.
    const near = times.minus(day.start, DAY_MINUTES);
    for (const person of people) person.timelines.forEach((timeline) => timeline.skipTo(near));
    for (let start = day.start; times.isBefore(start, day.end); start = times.plus(start, request.step_minutes)) {
      const end = times.plus(start, request.duration_minutes);
      if (times.isBefore(start, windowStart) || times.isBefore(start, earliest)) continue;
      if (times.isBefore(windowEnd, end)) return;
      if (required.some((person) => rules.whyNot(person, start, end) !== undefined)) continue;
      let lost = daysLater * LATER_BY_A_DAY;
      for (const person of required) lost += rules.cost(person, start, end);
      const missing = [];
      for (const person of optional) {
        const code = rules.whyNot(person, start, end);
        if (code === undefined) {
          lost += rules.cost(person, start, end);
        } else {
          lost += MISSING_OPTIONAL;
          missing.push({ user_id: person.id, code });
        }
      }
      found.push({ start, end, lost, missing });
    }
  });
  found.sort((one, other) => one.lost - other.lost || one.start - other.start);
  return found.slice(0, request.limit).map(({ start, end, lost, missing }) => ({
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    score: Math.round(100_000 / (100 + lost)) / 10,
    missing_optional: missing,
  }));
}

/** What keeps somebody from coming, and what it costs them to come. */
function rulesOf(constraints, times) {
  const { plus, minus, minutesBetween, isBefore } = times;
  const overlaps = (timeline, start, end) => {
    const found = timeline.endingAfter(start);
    return found !== undefined && isBefore(found.start, end);
  };
  const covers = (timeline, start, end) => {
    const found = timeline.endingAfter(start);
    return found !== undefined && !isBefore(start, found.start) && !isBefore(found.end, end);
  };
  /** Whether a place for lunch is long enough for one before the meeting, or behind it. */
  const isLeft = (place, start, end, minutes) =>
    minutesBetween(place.start, isBefore(start, place.end) ? start : place.end) >= minutes ||
    minutesBetween(isBefore(place.start, end) ? end : place.start, place.end) >= minutes;
  const breaksLunch = (person, start, end) => {
    // A meeting of half an hour meets one lunch at most.
    const lunch = person.lunches.endingAfter(start);
    if (lunch === undefined || !isBefore(lunch.start, end)) return false;
    return !lunch.places.some((place) => isLeft(place, start, end, person.lunchMinutes));
  };
  const named = [
    { name: "working_hours", usual: "require", code: "outside_hours", points: 30, breaks: (person, start, end) => !covers(person.working, start, end) },
    { name: "focus_time", usual: "prefer", code: "focus_time", points: 15, breaks: (person, start, end) => overlaps(person.focus, start, end) },
    { name: "lunch", usual: "prefer", code: "lunch", points: 10, breaks: breaksLunch },
    { name: "daily_limit", usual: "prefer", code: "daily_limit", points: 10, breaks: (person, start) => overlaps(person.fullDays, start, plus(start, 1)) },
  ];
  const are = (strictness) => named.filter(({ name, usual }) => (constraints[name] ?? usual) === strictness);
  const hard = are("require");
  const soft = are("prefer");
  if (soft.some(({ name }) => name === "working_hours")) {
    soft.push({ points: 30, breaks: (person, start, end) => !covers(person.wideHours, start, end) });
  }
  soft.push(
    {
      points: 5,
      breaks: ({ meetings }, start, end) =>
        !overlaps(meetings, start, end) &&
        overlaps(meetings, minus(start, BACK_TO_BACK_MINUTES), plus(end, BACK_TO_BACK_MINUTES)),
    },
    { points: 5, breaks: ({ preferred }, start, end) => !preferred.isEmpty && !covers(preferred, start, end) },
  );
  return {
    whyNot(person, start, end) {
      if (overlaps(person.outOfOffice, start, end)) return "out_of_office";
      if (overlaps(person.meetings, minus(start, person.before), plus(end, person.after))) return "busy";
      return hard.find(({ breaks }) => breaks(person, start, end))?.code;
    },
    cost(person, start, end) {
      let lost = 0;
      for (const { points, breaks } of soft) if (breaks(person, start, end)) lost += points;
      return lost;
    },
  };
}

/** Sorted intervals, looked through from where the candidates have come to. */
class Timeline {
  #times;
  #intervals;
  #from = 0;

  constructor(intervals, times) {
    this.#times = times;
    this.#intervals = intervals.map(({ start, end, ...rest }) => ({ start: times.of(start), end: times.of(end), ...rest }));
  }

  get isEmpty() {
    return this.#intervals.length === 0;
  }

  /** Nothing that ends before this is asked for any more. */
  skipTo(time) {
    this.#from = this.#times.firstEndingAfter(this.#intervals, time, this.#from);
  }

  /** The first that ends after a time. */
  endingAfter(time) {
    return this.#intervals[this.#times.firstEndingAfter(this.#intervals, time, this.#from)];
  }
}

/** The people of a request, with all that is known before the first candidate, and the days of its window. */
function prepare(request, agendas, times) {
  // Buffers, lunch and limits look at the days around the window.
  const week = new Week(addDays(new Date(request.window.start), -2), addDays(new Date(request.window.end), 2));
  const byId = new Map(agendas.map((agenda) => [agenda.user_id, agenda]));
  const people = request.attendees.map(({ user_id: id, required }) => {
    const { time_zone: accountZone, timed, holds, absences, hours } = byId.get(id);
    const document = hours ?? USUAL_HOURS;
    const zone = document.time_zone ?? accountZone;
    const events = timed.map(([firmness, start, end]) => ({ firmness, start: new Date(start), end: new Date(end) }));
    const held = holds.map(([start, end]) => ({ firmness: "hold", start: new Date(start), end: new Date(end) }));
    const all = [...events, ...held];
    const firm = merged(all.filter(({ firmness }) => firmness !== "tentative"));
    const away = absences.map(({ start, end }) => ({ start: dateOf(start, zone), end: dateOf(end, zone) }));
    const working = week.hours(zone, document.working_hours ?? USUAL_HOURS.working_hours);
    const wider = working.map(({ start, end }) => ({
      start: subMinutes(start, FAR_OUTSIDE_MINUTES),
      end: addMinutes(end, FAR_OUTSIDE_MINUTES),
    }));
    const lists = {
      meetings: merged(all),
      outOfOffice: merged(away),
      working,
      wideHours: merged(wider),
      focus: week.hours(zone, document.focus_time),
      preferred: week.hours(zone, document.preferred_times),
      lunches: lunchesOf(document.lunch, working, firm, week, zone),
      fullDays: fullDays(document.daily_limit, all, request.duration_minutes, week.days(zone)),
    };
    const timelines = Object.entries(lists).map(([name, intervals]) => [name, new Timeline(intervals, times)]);
    const buffer = document.buffers?.default ?? {};
    return {
      id,
      isRequired: required ?? true,
      ...Object.fromEntries(timelines),
      timelines: timelines.map(([, timeline]) => timeline),
      lunchMinutes: document.lunch?.minutes,
      before: buffer.before_minutes ?? 0,
      after: buffer.after_minutes ?? 0,
      notice: document.minimum_notice_minutes ?? 0,
    };
  });
  const windowStart = new Date(request.window.start);
  const days = week.days(request.time_zone).filter((day) => isAfter(day.end, windowStart));
  return { people, days: days.map(({ start, end }) => ({ start: times.of(start), end: times.of(end) })) };
}

/** The days and the hours of zones between two dates, each worked out once. Dates with a zone are slow to
 * make and to compare, so that only days on which the clocks change are asked for their hours. */
class Week {
  #first;
  #last;
  #days = new Map();
  #hours = new Map();

  constructor(first, last) {
    this.#first = first;
    this.#last = last;
  }

  days(zone) {
    if (!this.#days.has(zone)) this.#days.set(zone, this.#daysOf(zone));
    return this.#days.get(zone);
  }

  hours(zone, week = []) {
    const key = JSON.stringify([zone, week]);
    if (!this.#hours.has(key)) this.#hours.set(key, this.#hoursOf(zone, week));
    return this.#hours.get(key);
  }

  #daysOf(zone) {
    const days = [];
    let local = startOfDay(new TZDate(+this.#first, zone));
    while (!isAfter(local, this.#last)) {
      const next = addDays(local, 1);
      const [start, end] = [new Date(+local), new Date(+next)];
      days.push({ start, end, local, name: WEEKDAYS[getDay(local)], isUsual: differenceInMinutes(end, start) === DAY_MINUTES });
      local = next;
    }
    return days;
  }

  #hoursOf(zone, week) {
    const intervals = [];
    for (const day of this.days(zone)) {
      for (const { days, start, end } of week) {
        if (!days.includes(day.name)) continue;
        const [from, until] = [minutesOf(start), minutesOf(end)];
        intervals.push({ start: at(day, from), end: at(day, until > from ? until : until + DAY_MINUTES) });
      }
    }
    return merged(intervals);
  }
}

function minutesOf(time) {
  const [hours, minutes] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** A time of a day, in minutes on the wall. */
function at(day, minutes) {
  return day.isUsual && minutes <= DAY_MINUTES ? addMinutes(day.start, minutes) : new Date(+set(day.local, { hours: 0, minutes }));
}

function dateOf({ date }, zone) {
  const [year, month, day] = date.split("-").map(Number);
  return new Date(+new TZDate(year, month - 1, day, zone));
}

/** The lunches that can be had at all: the free places of each that are long enough. */
function lunchesOf(lunch, working, firm, week, zone) {
  if (lunch === undefined || lunch === null) return [];
  const windows = week.hours(zone, [{ days: WEEKDAYS, start: lunch.start, end: lunch.end }]);
  const lunches = [];
  let [work, event] = [0, 0];
  for (const window of windows) {
    while (work < working.length && !isAfter(working[work].end, window.start)) work += 1;
    while (event < firm.length && !isAfter(firm[event].end, window.start)) event += 1;
    if (work === working.length || !isBefore(working[work].start, window.end)) continue;
    const places = gaps(firm, event, window).filter(({ start, end }) => differenceInMinutes(end, start) >= lunch.minutes);
    if (places.length > 0) lunches.push({ ...window, places });
  }
  return lunches;
}

/** The parts of an interval that merged ones, from one of them on, leave free. */
function gaps(intervals, first, within) {
  const free = [];
  let from = within.start;
  for (let at = first; at < intervals.length && isBefore(intervals[at].start, within.end); at += 1) {
    if (isBefore(from, intervals[at].start)) free.push({ start: from, end: intervals[at].start });
    from = intervals[at].end;
  }
  if (isBefore(from, within.end)) free.push({ start: from, end: within.end });
  return free;
}

/** The days on which there is no room for another meeting of a length. */
function fullDays(limit, events, duration, days) {
  if (limit === undefined || (limit.meetings === null && limit.minutes === null)) return [];
  const sorted = events.toSorted((one, other) => one.start - other.start);
  let event = 0;
  return days.filter((day) => {
    let meetings = 0;
    let minutes = duration;
    for (; event < sorted.length && isBefore(sorted[event].start, day.end); event += 1) {
      const length = differenceInMinutes(sorted[event].end, sorted[event].start);
      if (isBefore(sorted[event].start, day.start) || length === 0 || length >= DAY_MINUTES) continue;
      meetings += 1;
      minutes += length;
    }
    return meetings >= (limit.meetings ?? Infinity) || minutes > (limit.minutes ?? Infinity);
  });
}

/** Intervals in their order, joined where they overlap or touch. */
function merged(intervals) {
  const sorted = intervals.map(({ start, end }) => ({ start, end })).sort((one, other) => one.start - other.start);
  const joined = [];
  for (const one of sorted) {
    const before = joined.at(-1);
    if (before === undefined || isAfter(one.start, before.end)) joined.push(one);
    else if (isAfter(one.end, before.end)) before.end = one.end;
  }
  return joined;
}
