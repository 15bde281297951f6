-- The calendar: calendars, their events, and what lets two people never get the same time.
--
-- A calendar time is kept as it was said (JSON, a day or a civil time in a zone). Beside it stands
-- what a window is cut with: `first_at` and `last_at`, in milliseconds since 1970, which hold between
-- them all that the row can give. They are integers because they are computed with, not shown.

CREATE TABLE calendars (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  description TEXT NOT NULL,
  color       TEXT,
  time_zone   TEXT,                          -- IANA; NULL: the person's
  is_primary  INTEGER NOT NULL,              -- 1: the one where events go unless told otherwise
  is_busy     INTEGER NOT NULL,              -- 1: what stands in it takes up the person's time
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  TEXT NOT NULL,
  updated_at  TEXT NOT NULL
) STRICT;
CREATE INDEX calendars_by_user ON calendars (user_id, id);

-- Counts what is not seen in the rows of a window alone: series, all-day events, absences, hours. Who
-- has read them and computed with them writes only if this has not moved (`time_claims`).
ALTER TABLE users ADD COLUMN calendar_revision INTEGER NOT NULL DEFAULT 0;

-- An event, a series (it has a `recurrence`), or an occurrence of a series that was changed (it has a
-- `series_id`; its identifier is the series' with the original start behind it).
CREATE TABLE calendar_events (
  id             TEXT PRIMARY KEY,
  user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  calendar_id    TEXT NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
  ical_uid       TEXT NOT NULL,
  series_id      TEXT REFERENCES calendar_events (id) ON DELETE CASCADE,
  original_start TEXT,                       -- JSON: the calendar time that the rule gave
  original_key   TEXT NOT NULL DEFAULT '',   -- the same as it stands in the identifier
  summary        TEXT NOT NULL,
  description    TEXT NOT NULL,
  location       TEXT NOT NULL,
  starts         TEXT NOT NULL,              -- JSON: a calendar time, of a series its first
  ends           TEXT NOT NULL,              -- JSON
  recurrence     TEXT NOT NULL,              -- JSON array of RRULE, RDATE, EXDATE (RFC 5545)
  overridden     TEXT NOT NULL DEFAULT '[]', -- JSON array: `original_key` of the occurrences that have a row of their own
  attendees      TEXT NOT NULL,              -- JSON array
  organizer      TEXT,                       -- JSON
  status         TEXT NOT NULL CHECK (status IN ('confirmed', 'tentative', 'cancelled')),
  transparency   TEXT NOT NULL CHECK (transparency IN ('opaque', 'transparent')),
  visibility     TEXT NOT NULL CHECK (visibility IN ('public', 'private', 'confidential')),
  reminders      TEXT NOT NULL,              -- JSON array
  conference_url TEXT,
  color          TEXT,
  sequence       INTEGER NOT NULL,           -- RFC 5545, 3.8.7.4
  extra          TEXT NOT NULL DEFAULT '[]', -- JSON array: content lines of iCalendar that nothing here reads
  origin         TEXT NOT NULL,              -- 'person', 'import', 'hold', 'plan', 'booking'; later a connection
  origin_id      TEXT,                       -- which plan, which link
  task_id        TEXT,                       -- of a plan: for which task
  busy           TEXT NOT NULL CHECK (busy IN ('busy', 'tentative', 'free')),
                                             -- what it does to the person's time, by status, transparency and their own answer
  shape          TEXT NOT NULL CHECK (shape IN ('timed', 'all_day', 'series')),
  first_at       INTEGER NOT NULL,
  last_at        INTEGER NOT NULL,           -- 9007199254740991: it never ends
  is_long        INTEGER NOT NULL,           -- 1: more than 32 days lie between the two
  version        INTEGER NOT NULL DEFAULT 1,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  CHECK ((series_id IS NULL) = (original_start IS NULL))
) STRICT;
CREATE UNIQUE INDEX calendar_events_by_uid ON calendar_events (calendar_id, ical_uid, original_key);
-- A window reads the short ones that begin in it or less than 32 days before it, and the long ones
-- that end behind its start: both grow with what is found, not with what is kept.
CREATE INDEX calendar_events_short ON calendar_events (user_id, first_at, id) WHERE is_long = 0;
CREATE INDEX calendar_events_long ON calendar_events (user_id, last_at) WHERE is_long = 1;
CREATE INDEX calendar_events_by_id ON calendar_events (user_id, id);
CREATE INDEX calendar_events_by_series ON calendar_events (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX calendar_events_by_origin ON calendar_events (origin_id) WHERE origin_id IS NOT NULL;

CREATE TRIGGER calendar_events_count_when_added AFTER INSERT ON calendar_events
WHEN NEW.shape <> 'timed' OR NEW.is_long = 1
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;
CREATE TRIGGER calendar_events_count_when_changed AFTER UPDATE ON calendar_events
WHEN NEW.shape <> 'timed' OR NEW.is_long = 1 OR OLD.shape <> 'timed' OR OLD.is_long = 1
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;
CREATE TRIGGER calendars_count_when_changed AFTER UPDATE OF is_busy ON calendars
WHEN OLD.is_busy <> NEW.is_busy
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;

-- A time that is kept free while somebody answers.
CREATE TABLE calendar_holds (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  start_at   INTEGER NOT NULL,
  end_at     INTEGER NOT NULL,
  note       TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX calendar_holds_by_time ON calendar_holds (user_id, end_at);
CREATE INDEX calendar_holds_by_expiry ON calendar_holds (expires_at);

-- Whether a time is still free: written to in the batch that takes it, stores nothing, and undoes the
-- batch where it is not. What a row alone can tell is asked here; what had to be computed before
-- (series, all-day events, hours) has not changed if the revision has not.
CREATE VIEW time_claims AS SELECT '' AS user_id, 0 AS start_at, 0 AS end_at, 0 AS revision,
  '' AS now WHERE 0;
CREATE TRIGGER time_claims_are_checked INSTEAD OF INSERT ON time_claims
BEGIN
  SELECT RAISE(ABORT, 'time: taken')
  WHERE EXISTS (
    SELECT 1 FROM calendar_events AS e JOIN calendars AS c ON c.id = e.calendar_id
    WHERE e.user_id = NEW.user_id AND e.is_long = 0 AND e.shape = 'timed' AND e.busy <> 'free'
      AND c.is_busy = 1 AND e.first_at > NEW.start_at - 2764800000 AND e.first_at < NEW.end_at
      AND e.last_at > NEW.start_at AND e.last_at > e.first_at)
  OR EXISTS (
    SELECT 1 FROM calendar_holds
    WHERE user_id = NEW.user_id AND end_at > NEW.start_at AND start_at < NEW.end_at
      AND expires_at > NEW.now);
  SELECT RAISE(ABORT, 'time: stale')
  WHERE NOT EXISTS (
    SELECT 1 FROM users WHERE id = NEW.user_id AND calendar_revision = NEW.revision);
END;
