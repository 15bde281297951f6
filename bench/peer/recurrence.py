"""The rules of a file, read and expanded by python-dateutil on the wall, once for every line on the
standard input: what bench/wasm/src/bin/recurrence.rs does natively, in the same form.

The file has a rule a line: start, rule, and the window, in seconds on the wall, with tabs in between.
Every answer is a line: the microseconds it took, and how many occurrences there were. Asked for
"walls", it answers all of them as JSON.
"""

import json
import sys
import time
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

EPOCH = datetime(1970, 1, 1)
MOMENT = timedelta(microseconds=1)


def wall(seconds):
    return EPOCH + timedelta(seconds=int(seconds))


def read(line):
    start, rule, since, until = line.rstrip("\n").split("\t")
    # Until the last moment before the end, which is not part of the window.
    return wall(start), rule, wall(since), wall(until) - MOMENT


def expand(rule):
    start, text, since, until = rule
    return rrulestr(text, dtstart=start).between(since, until, inc=True)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rules = [read(line) for line in file]
    for line in sys.stdin:
        if line.strip() == "walls":
            walls = [[(found - EPOCH) // timedelta(seconds=1) for found in expand(rule)] for rule in rules]
            print(json.dumps(walls), flush=True)
            continue
        started = time.perf_counter()
        count = sum(len(expand(rule)) for rule in rules)
        taken = (time.perf_counter() - started) * 1e6
        print(f"{taken:.0f}\t{count}", flush=True)


main()
