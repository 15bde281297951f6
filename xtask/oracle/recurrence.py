"""Holds our expansion of recurrence beside python-dateutil and recurring-ical-events.

    python recurrence.py EXPAND [EVERY]

EXPAND is `core/examples/expand.rs`, built. With EVERY only each so manyth case is looked at. Cases are made with a fixed seed: rules around every change
of the clocks of 2024 to 2030 in twelve zones, and elsewhere. Each is expanded by all three. Where a
peer differs, what RFC 5545 says of it is applied to the peer, by name (CLASSES); what then still
differs is not explained, is shown, and fails.
"""

import collections
import itertools
import json
import multiprocessing
import random
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rruleset, rrulestr

SEED = 5545
UTC = timezone.utc

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/St_Johns",
    "Pacific/Chatham",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Europe/London",
]

# How many rules there are at each change of the clocks, and in each zone elsewhere.
AT_EACH_CHANGE = 44
ELSEWHERE = 110

# What an event begins and ends with.
ENDS = ("DTSTART", "DTEND")

# The longest that a peer may compute for one series. A rule that fits nothing makes dateutil look at
# every day until the year 9999.
PATIENCE_SECONDS = 0.12

CLASSES = {
    "start counts": "3.8.5.3: DTSTART is the first instance also where the rule doesn't have it, and "
    "the first that COUNT counts. dateutil leaves it out; recurring-ical-events has it, not counted",
    "one instant": "3.3.5 moves a time in the gap behind it; there another may be. A recurrence set is "
    "a set: one of them. The peers give both, or in the order of the wall",
    "before the start": "3.8.5.3: DTSTART is the first. What a gap puts before a DTSTART that is "
    "itself in the gap is not in the set",
    "weekday of the start": "3.3.10: what is not in the rule comes from DTSTART. With BYWEEKNO alone "
    "that is its weekday; dateutil gives all seven days of the week",
    "month of the start": "3.3.10: what is not in the rule comes from DTSTART. With BYMONTHDAY alone in a "
    "yearly rule that is its month; dateutil gives those days of all twelve months",
    "years of weeks": "3.3.10: BYWEEKNO names weeks of a year, which begin before 1 January or end "
    "behind 31 December. The period of INTERVAL and BYSETPOS is then that year; dateutil counts from "
    "1 January and cuts such weeks",
    "the last week": "3.3.10: a week belongs to the year that has four of its days or more. dateutil takes "
    "1 January 2011 (week 52 of 2010) for week 53, and has no week -52 or -53 in December",
    "whole weeks": "3.3.10: BYSETPOS counts within one interval, of the first week too. dateutil counts "
    "the days of the first week from DTSTART (of the first month and year from their begin)",
    "nothing fits": "dateutil refuses a rule that fits nothing; the start is left",
    "until a day": "3.3.10 wants UNTIL to be of DTSTART's type. A day in a series of times: here all of "
    "that day in the series' zone. dateutil refuses it, recurring-ical-events reads midnight in UTC",
    "until before the start": "nothing is left of such a series (calendars write so that all was taken "
    "back), dateutil agrees; recurring-ical-events keeps DTSTART when another bound is later",
    "until on the wall": "UNTIL is an instant (3.3.10). Where a gap changes the order of wall and "
    "instants dateutil stops at the first wall time that is later, and misses what follows",
    "elapsed time": "3.8.5.3: with DTEND every occurrence takes the same elapsed time. "
    "recurring-ical-events adds what the wall shows between DTSTART and DTEND",
    "times without a zone": "recurring-ical-events looks an occurrence up among EXDATEs by its wall time "
    "and by its time in UTC, both without a zone: one may be the other of another",
}


class TooSlow(Exception):
    pass


def stop(*_):
    raise TooSlow


# Cases


def changes(zone):
    """The instants of 2024 to 2030 at which a zone changes its offset."""
    found = []
    at = datetime(2024, 1, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    offset = at.astimezone(zone).utcoffset()
    while at.year <= 2030:
        day = at + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != offset:
            while (at + hour).astimezone(zone).utcoffset() == offset:
                at += hour
            minute = timedelta(minutes=1)
            while at.astimezone(zone).utcoffset() == offset:
                at += minute
            found.append(at)
            offset = at.astimezone(zone).utcoffset()
        else:
            at = day
    return found


def some(random, low, high, signed=False, most=4):
    values = {random.randint(low, high) for _ in range(random.randint(1, most))}
    if signed and random.random() < 0.4:
        values = {value if random.random() < 0.5 else -value for value in values}
    return ",".join(str(value) for value in sorted(values))


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some_days(random, number=0):
    days = random.sample(DAYS, random.randint(1, 4))
    if not number or random.random() < 0.4:
        return ",".join(days)
    signs = [random.choice([-1, 1]) * random.randint(1, number) for _ in days]
    return ",".join(f"{sign}{day}" for sign, day in zip(signs, days))


def some_rule(random, start, is_of_days):
    """A rule as a dictionary of its parts."""
    frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"] * 3
    if not is_of_days:
        frequencies += ["HOURLY"] * 3 + ["MINUTELY"] * 2 + ["SECONDLY"]
    frequency = random.choice(frequencies)
    finer = frequency in ("HOURLY", "MINUTELY", "SECONDLY")
    rule = {"FREQ": frequency}

    def maybe(chance):
        return random.random() < chance

    if maybe(0.5):
        highest = {"HOURLY": 30, "MINUTELY": 100, "SECONDLY": 5000}.get(frequency, 6)
        rule["INTERVAL"] = str(random.randint(1, highest))
    if frequency == "SECONDLY" and "INTERVAL" not in rule:
        rule["INTERVAL"] = "13"
    if maybe(0.3):
        rule["WKST"] = random.choice(DAYS)
    if frequency == "YEARLY":
        kind = random.choice(["", "month", "month", "day", "day", "year day", "week", "month day"])
        if kind == "month" or maybe(0.2):
            rule["BYMONTH"] = some(random, 1, 12)
        if kind == "day":
            rule["BYDAY"] = some_days(random, 5 if "BYMONTH" in rule else 53)
        if kind == "year day":
            rule["BYYEARDAY"] = some(random, 1, 366, True, 6)
        if kind == "week":
            rule["BYWEEKNO"] = random.choice(
                [some(random, 1, 53, True, 5), some(random, 1, 1, True), some(random, 52, 53, True)]
            )
            if maybe(0.7):
                rule["BYDAY"] = some_days(random)
        if kind == "month day" or maybe(0.1):
            rule["BYMONTHDAY"] = some(random, 1, 31, True, 6)
    elif frequency == "MONTHLY":
        kind = random.choice(["", "day", "day", "month day", "both"])
        if kind in ("day", "both"):
            rule["BYDAY"] = some_days(random, 5)
        if kind in ("month day", "both"):
            rule["BYMONTHDAY"] = some(random, 1, 31, True, 8)
        if maybe(0.2):
            rule["BYMONTH"] = some(random, 1, 12)
    elif frequency == "WEEKLY":
        if maybe(0.7):
            rule["BYDAY"] = some_days(random)
        if maybe(0.2):
            rule["BYMONTH"] = some(random, 1, 12)
    else:
        if maybe(0.3):
            rule["BYDAY"] = some_days(random)
        if maybe(0.2):
            rule["BYMONTHDAY"] = some(random, 1, 31, True, 12)
        if maybe(0.2):
            # The month that is looked at, so that something is there.
            months = {start.month, start.month % 12 + 1, random.randint(1, 12)}
            rule["BYMONTH"] = ",".join(str(month) for month in sorted(months))
        if finer and maybe(0.1):
            day = start.timetuple().tm_yday
            rule["BYYEARDAY"] = ",".join(str(day + more) for more in range(4) if day + more < 367)
    if not is_of_days:
        if maybe(0.25):
            hours = {start.hour, (start.hour + 1) % 24, random.randint(0, 23)}
            rule["BYHOUR"] = ",".join(str(hour) for hour in sorted(hours))
        if maybe(0.15):
            minutes = {start.minute, random.randint(0, 59), random.choice([0, 15, 30])}
            rule["BYMINUTE"] = ",".join(str(minute) for minute in sorted(minutes))
        if maybe(0.1):
            rule["BYSECOND"] = ",".join(str(second) for second in sorted({start.second, 30}))
    if any(part.startswith("BY") for part in rule):
        # In short periods there is mostly one.
        if frequency in ("YEARLY", "MONTHLY", "WEEKLY") and maybe(0.2):
            rule["BYSETPOS"] = some(random, 1, random.choice([1, 4, 30]), True, 3)
        elif frequency in ("DAILY", "HOURLY") and maybe(0.2):
            rule["BYSETPOS"] = random.choice(["1", "-1", "1,2", "-1,-2", "1,-1"])
        elif maybe(0.03):
            rule["BYSETPOS"] = some(random, 1, 3, True, 2)
    if maybe(0.25):
        rule["COUNT"] = str(random.randint(1, 40))
    elif maybe(0.35):
        until = start + timedelta(days=random.randint(0, 700), hours=random.randint(0, 30))
        if is_of_days:
            rule["UNTIL"] = f"{until:%Y%m%d}"
        elif maybe(0.15):
            rule["UNTIL"] = f"{until:%Y%m%d}"
        else:
            rule["UNTIL"] = f"{until:%Y%m%dT%H%M%S}Z"
    return rule


def text_of(rule):
    return ";".join(f"{name}={value}" for name, value in rule.items())


def make_case(random, zone_name, near):
    """A series that begins around a wall time, seen in a window around it and in a later one."""
    zone = ZoneInfo(zone_name)
    is_of_days = random.random() < 0.12
    quarters = random.randint(-8 * 96, 8) if random.random() < 0.3 else random.randint(-14, 14)
    start = near + timedelta(minutes=15 * quarters)
    if random.random() < 0.1:
        start += timedelta(seconds=random.randint(1, 59))
    rule = some_rule(random, start, is_of_days)
    coarse = rule["FREQ"] in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
    if coarse and random.random() < 0.5:
        # Long before, so that the change is in the middle of the series.
        back = {"YEARLY": 366 * 6, "MONTHLY": 800, "WEEKLY": 365, "DAILY": 120}[rule["FREQ"]]
        start -= timedelta(days=random.randint(0, back))
    if coarse:
        span = {"YEARLY": 366 * 7, "MONTHLY": 500, "WEEKLY": 120, "DAILY": 40}[rule["FREQ"]]
    else:
        span = {"HOURLY": 12, "MINUTELY": 2, "SECONDLY": 1}[rule["FREQ"]]
    begin = near - timedelta(hours=random.choice([1, 30, 24 * span // 2]))
    begin = int(begin.replace(tzinfo=zone).timestamp())
    later = begin + span * random.randint(1, 5) * 43_200 + random.randint(0, 86_400)
    windows = [[at, at + span * 86_400] for at in (begin, later)]
    extra = {"EXDATE": [], "RDATE": []}
    for name in extra:
        if random.random() < 0.12:
            for _ in range(random.randint(1, 3)):
                step = random.choice([timedelta(days=random.randint(0, 9)), timedelta(hours=1)])
                at = start + step * random.randint(0, 3)
                extra[name].append(at)
    if is_of_days:
        lines = [f"RRULE:{text_of(rule)}"]
        lines += [f"{name};VALUE=DATE:{at:%Y%m%d}" for name in extra for at in extra[name]]
        return {
            "start": f"{start:%Y%m%d}",
            "zone": zone_name,
            "rule": rule,
            "lines": lines,
            "days": random.randint(1, 3),
            "windows": windows,
        }
    lines = [f"RRULE:{text_of(rule)}"]
    lines += [f"{name};TZID={zone_name}:{at:%Y%m%dT%H%M%S}" for name in extra for at in extra[name]]
    return {
        "start": f"{start:%Y%m%dT%H%M%S}",
        "zone": zone_name,
        "rule": rule,
        "lines": lines,
        "seconds": random.choice([0, 900, 3600, 5400, 86_400, 200_000]),
        "windows": windows,
    }


def make_cases():
    dice = random.Random(SEED)
    cases = []
    for zone_name in ZONES:
        zone = ZoneInfo(zone_name)
        for change in changes(zone):
            # The wall time that is skipped, or that comes twice.
            before = (change - timedelta(minutes=1)).astimezone(zone) + timedelta(minutes=1)
            near = before.replace(tzinfo=None)
            cases += [make_case(dice, zone_name, near) for _ in range(AT_EACH_CHANGE)]
        for _ in range(ELSEWHERE):
            near = datetime(2024, 1, 1) + timedelta(minutes=15 * dice.randint(0, 7 * 365 * 96))
            special = [datetime(2024, 2, 29, 9), datetime(2026, 12, 31, 23, 30), datetime(2027, 1, 1)]
            if dice.random() < 0.2:
                near = dice.choice(special)
            cases.append(make_case(dice, zone_name, near))
    return cases


# What the peers say


class Case:
    """A case as the peers need it."""

    def __init__(self, data):
        self.data = data
        self.rule = dict(data["rule"])
        self.zone = ZoneInfo(data["zone"])
        self.is_of_days = "T" not in data["start"]
        form = "%Y%m%d" if self.is_of_days else "%Y%m%dT%H%M%S"
        self.start = datetime.strptime(data["start"], form)
        self.windows = data["windows"]
        # Two days: more than any gap, offset or length.
        self.limit = datetime.fromtimestamp(self.windows[-1][1], UTC) + timedelta(days=2)
        self.removed, self.added = self.dates("EXDATE"), self.dates("RDATE")

    def dates(self, name):
        form = "%Y%m%d" if self.is_of_days else "%Y%m%dT%H%M%S"
        lines = [line for line in self.data["lines"] if line.startswith(name)]
        return [datetime.strptime(line.rsplit(":", 1)[1], form) for line in lines]

    def instant(self, wall):
        """By 3.3.5: the offset before a gap, the first of two. What fold=0 means (PEP 495)."""
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def interval(self, wall):
        start = self.instant(wall)
        if self.is_of_days:
            return start, self.instant(wall + timedelta(days=self.data["days"]))
        return start, start + timedelta(seconds=self.data["seconds"])

    def until(self):
        """UNTIL as an instant, or as the midnight of a day."""
        text = self.rule.get("UNTIL")
        if text is None:
            return None
        if self.is_of_days:
            return datetime.strptime(text[:8], "%Y%m%d")
        if len(text) == 8:
            day = datetime.strptime(text, "%Y%m%d")
            return self.instant(day + timedelta(days=1) - timedelta(seconds=1))
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    def raw_dateutil(self):
        """What dateutil makes of the case as it stands."""
        zone = None if self.is_of_days else self.zone
        aware = lambda wall: wall.replace(tzinfo=zone)
        everything = rruleset()
        everything.rrule(rrulestr(text_of(self.rule), dtstart=aware(self.start)))
        for wall in self.added:
            everything.rdate(aware(wall))
        for wall in self.removed:
            everything.exdate(aware(wall))
        return [one.replace(tzinfo=None) for one in self.until_the_end(everything)]

    def until_the_end(self, walls):
        """A rule may go on for ever; behind the windows nothing is looked at."""
        for wall in walls:
            if self.instant(wall.replace(tzinfo=None)) > self.limit:
                return
            yield wall

    def seen(self, walls):
        """The occurrences at some wall times that overlap each window, as they come."""
        intervals = [
            [int(instant.timestamp()) for instant in self.interval(wall)] for wall in walls
        ]
        return [
            [
                [start, end]
                for start, end in intervals
                if start < last and (end > first or start >= first)
            ]
            for first, last in self.windows
        ]

    # The same, as RFC 5545 reads it

    def rfc(self):
        """What RFC 5545 wants, expanded by dateutil; and the classes that it takes."""
        used = set()
        rule = dict(self.rule)
        until = self.until()
        count = int(rule.pop("COUNT", 0)) or None
        rule.pop("UNTIL", None)
        if "BYWEEKNO" in rule and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & set(rule):
            rule["BYDAY"] = DAYS[self.start.weekday()]
            used.add("weekday of the start")
        others = {"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYDAY"}
        if rule["FREQ"] == "YEARLY" and "BYMONTHDAY" in rule and not others & set(rule):
            rule["BYMONTH"] = str(self.start.month)
            used.add("month of the start")
        if "BYWEEKNO" in rule:
            if "BYSETPOS" in rule or int(rule.get("INTERVAL", 1)) > 1:
                used.add("years of weeks")
            if {"52", "53", "-52", "-53"} & set(rule["BYWEEKNO"].split(",")):
                used.add("the last week")
        if rule["FREQ"] == "WEEKLY" and "BYSETPOS" in rule:
            used.add("whole weeks")
        try:
            walls = self.walls(rule)
            first = next(walls, None)
        except ValueError as error:
            if "empty set" not in str(error):
                raise
            used.add("nothing fits")
            walls, first = iter([]), None
        start = self.instant(self.start)
        if self.is_of_days and until is not None:
            started = self.start <= until
        else:
            started = until is None or start <= until
        found = []
        if first != self.start:
            used.add("start counts")
            found.append(self.start)
        walls = itertools.chain([] if first is None else [first], walls)
        for wall in self.until_the_end(walls):
            if count is not None and len(found) >= count:
                break
            if until is not None and wall > self.last_wall(until):
                break
            found.append(wall)
        if not started:
            found = []
        if until is not None:
            if not self.is_of_days:
                found = [wall for wall in found if self.instant(wall) <= until or wall == self.start]
            if len(self.rule["UNTIL"]) == 8 and not self.is_of_days:
                used.add("until a day")
            if not started:
                used.add("until before the start")
        if any(self.instant(wall) < start for wall in found):
            used.add("before the start")
            found = [wall for wall in found if self.instant(wall) >= start]
        removed = {self.instant(wall) for wall in self.removed}
        added = [wall for wall in self.added if started or wall != self.start]
        walls = [wall for wall in found + added if self.instant(wall) not in removed]
        instants = [self.instant(wall) for wall in found]
        if len(set(instants)) < len(set(found)) or instants != sorted(instants):
            used.add("one instant")
        if any(
            self.instant(one) == self.instant(other) and one != other
            for one in walls
            for other in self.added + self.removed
        ):
            used.add("one instant")
        # Of two at one instant the later on the wall is what it shows.
        by_instant = {self.instant(wall): wall for wall in sorted(walls)}
        return [by_instant[instant] for instant in sorted(by_instant)], used

    def last_wall(self, until):
        """No wall time behind this one is an instant until then."""
        if self.is_of_days:
            return until
        return until.astimezone(self.zone).replace(tzinfo=None) + timedelta(days=1)

    def walls(self, rule):
        """The wall times of a rule by dateutil, from the start on."""
        weeks = "BYWEEKNO" in rule
        if not weeks and not (rule["FREQ"] == "WEEKLY" and "BYSETPOS" in rule):
            return iter(rrulestr(text_of(rule), dtstart=self.start))
        rule = dict(rule)
        # Begun earlier, nothing is to be taken from that start.
        if rule["FREQ"] == "WEEKLY":
            rule.setdefault("BYDAY", DAYS[self.start.weekday()])
        rule.setdefault("BYHOUR", str(self.start.hour))
        rule.setdefault("BYMINUTE", str(self.start.minute))
        rule.setdefault("BYSECOND", str(self.start.second))
        if weeks:
            walls = self.walls_of_weeks(rule)
        else:
            walls = rrulestr(text_of(rule), dtstart=self.week_of(self.start))
        return (wall for wall in walls if wall >= self.start)

    def week_of(self, wall):
        """Midnight of the first day of the week."""
        first = DAYS.index(self.rule.get("WKST", "MO"))
        day = wall.replace(hour=0, minute=0, second=0)
        return day - timedelta(days=(wall.weekday() - first) % 7)

    def walls_of_weeks(self, rule):
        """All days by dateutil; their weeks numbered, the years of weeks counted, and their places
        taken by the words of 3.3.10."""
        rule.setdefault("BYDAY", ",".join(DAYS))
        numbers = [int(number) for number in rule.pop("BYWEEKNO").split(",")]
        interval = int(rule.pop("INTERVAL", 1))
        places = [int(place) for place in rule.pop("BYSETPOS", "").split(",") if place]

        def year_of(wall):
            # Most of its days are in the year that a week belongs to.
            return (self.week_of(wall) + timedelta(days=3)).year

        def first_week(year):
            return self.week_of(datetime(year, 1, 4))

        def is_named(wall):
            year = year_of(wall)
            number = (self.week_of(wall) - first_week(year)).days // 7 + 1
            weeks = (first_week(year + 1) - first_week(year)).days // 7
            return number in numbers or number - weeks - 1 in numbers

        begin = datetime(self.start.year - 2, 12, 1)
        walls = filter(is_named, rrulestr(text_of(rule), dtstart=begin))
        for year, walls in itertools.groupby(walls, year_of):
            if (year - year_of(self.start)) % interval != 0:
                continue
            walls = list(walls)
            for place, wall in enumerate(walls, 1):
                if not places or place in places or place - len(walls) - 1 in places:
                    yield wall

    # The other peer

    def raw_events(self):
        """The starts and ends that recurring-ical-events gives."""
        kind = ";VALUE=DATE" if self.is_of_days else f";TZID={self.data['zone']}"
        start = f"DTSTART{kind}:{self.data['start']}"
        if self.is_of_days:
            end = self.start + timedelta(days=self.data["days"])
            end = f"DTEND;VALUE=DATE:{end:%Y%m%d}"
        else:
            end = self.interval(self.start)[1]
            wall = end.astimezone(self.zone).replace(tzinfo=None)
            if self.instant(wall) == end:
                end = f"DTEND{kind}:{wall:%Y%m%dT%H%M%S}"
            else:
                # The second of two can't be said on the wall.
                end = f"DTEND:{end:%Y%m%dT%H%M%S}Z"
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//oracle//", "BEGIN:VEVENT", "UID:1"]
        lines += ["DTSTAMP:20240101T000000Z", start, end, *self.data["lines"]]
        lines += ["END:VEVENT", "END:VCALENDAR", ""]
        calendar = icalendar.Calendar.from_ical("\r\n".join(lines))
        answers = []
        for window in self.windows:
            # The zone of the window is what days are seen in.
            first, last = (datetime.fromtimestamp(at, self.zone) for at in window)
            events = recurring_ical_events.of(calendar).between(first, last)
            answers.append(sorted([self.timestamp(event[name].dt) for name in ENDS] for event in events))
        return answers

    def timestamp(self, at):
        if self.is_of_days:
            at = self.instant(datetime(at.year, at.month, at.day))
        return int(at.timestamp())

    def is_confused(self, start):
        """Whether recurring-ical-events takes an occurrence for one that EXDATE takes out."""
        start = datetime.fromtimestamp(start, UTC)

        def identities(instant):
            return {instant.replace(tzinfo=None), instant.astimezone(self.zone).replace(tzinfo=None)}

        removed = [identities(self.instant(wall)) for wall in self.removed]
        return bool(identities(start) & set().union(*removed))


# Beside each other

AGREES = "agrees"
TOO_SLOW = "too slow for it"
UNEXPLAINED = "UNEXPLAINED"


def be_patient():
    signal.signal(signal.SIGVTALRM, stop)


def patiently(what):
    """What a peer says, or why it doesn't."""
    # The alarm can ring while it is being switched off, too; it rings once.
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE_SECONDS)
        try:
            return what(), None
        except (ValueError, TypeError, OverflowError, AssertionError) as error:
            return None, f"{type(error).__name__}: {error}"
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TooSlow:
        return None, TOO_SLOW


def judge(pair):
    """One series: what each peer's answers for its windows are worth, and what was answered."""
    data, ours = pair
    case = Case(data)
    answers = {"ours": ours}
    if any(isinstance(one, str) for one in ours):
        return data, [("dateutil", UNEXPLAINED)], answers
    raw, trouble = patiently(lambda: case.seen(case.raw_dateutil()))
    answers["dateutil"] = raw or trouble
    if trouble == TOO_SLOW:
        return data, [(peer, TOO_SLOW) for peer in ("dateutil", "events") for _ in ours], answers
    events, trouble = patiently(case.raw_events)
    answers["events"] = events or trouble

    verdicts = []
    for index, window in enumerate(case.windows):
        first, last = window
        mine, theirs = ours[index], None if raw is None else raw[index]
        verdicts.append(("dateutil", AGREES if theirs == mine else None))

        def starts(intervals):
            return [start for start, _ in intervals if first <= start < last]

        theirs = None if events is None else events[index]
        if trouble == TOO_SLOW:
            verdict = TOO_SLOW
        elif theirs is None:
            verdict = None
        elif theirs == mine:
            verdict = AGREES
        elif starts(theirs) == starts(mine):
            verdict = "elapsed time"
        elif starts(theirs) == [start for start in starts(mine) if not case.is_confused(start)]:
            verdict = "times without a zone"
        else:
            verdict = None
        verdicts.append(("events", verdict))
    if all(verdict for _, verdict in verdicts):
        return data, verdicts, answers

    wanted, trouble = patiently(case.rfc)
    if trouble == TOO_SLOW:
        return data, [(peer, verdict or TOO_SLOW) for peer, verdict in verdicts], answers
    explanation = None
    if wanted is not None:
        walls, used = wanted
        answers["RFC 5545"] = case.seen(walls)
        if answers["RFC 5545"] == ours:
            explanation = " and ".join(sorted(used))
    return data, [(peer, verdict or explanation or UNEXPLAINED) for peer, verdict in verdicts], answers


def main():
    expand = sys.argv[1]
    cases = make_cases()[:: int(sys.argv[2]) if len(sys.argv) > 2 else 1]
    lines = [json.dumps({**case, "window": window}) for case in cases for window in case["windows"]]
    text = "\n".join(lines) + "\n"
    answer = subprocess.run([expand], input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(answers) == len(lines)
    ours = zip(*[iter(answers)] * 2)
    counts = collections.defaultdict(collections.Counter)
    unexplained = []
    with multiprocessing.Pool(initializer=be_patient) as pool:
        pairs = ((case, list(both)) for case, both in zip(cases, ours))
        for data, verdicts, said in pool.imap_unordered(judge, pairs, chunksize=20):
            for peer, verdict in verdicts:
                counts[peer][verdict] += 1
            if any(verdict == UNEXPLAINED for _, verdict in verdicts):
                unexplained.append((data, said))
    occurrences = sum(len(answer) for answer in answers)
    print(f"{len(cases)} series in {len(lines)} windows: {occurrences} occurrences")
    named = set()
    for peer, verdicts in sorted(counts.items()):
        print(f"  beside {peer}:")
        for verdict, count in verdicts.most_common():
            print(f"    {count:6} {verdict}")
            named |= set(verdict.split(" and ")) & set(CLASSES)
    for name in sorted(named):
        print(f"  {name}: {CLASSES[name]}")
    for data, said in unexplained[:12]:
        print(json.dumps(data))
        for name, answer in said.items():
            print(f"    {name:8} {str(answer)[:400]}")
    print(f"{len(unexplained)} differences are not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
