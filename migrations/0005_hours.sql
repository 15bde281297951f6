-- When people work, and when they are away from it.

-- What a person said of their hours, whole. Who said nothing has no row, and the defaults.
CREATE TABLE calendar_hours (
  user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  document   TEXT NOT NULL,                  -- JSON, as it is shown
  version    INTEGER NOT NULL DEFAULT 1,     -- 0 stands for no row
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE calendar_absences (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('out_of_office', 'travel')),
  starts     TEXT NOT NULL,                  -- JSON: a calendar time, as it was said
  ends       TEXT NOT NULL,                  -- JSON
  -- What a window is cut with, in milliseconds since 1970: exact for times and for days of a place;
  -- of days out of office, which are days wherever the person is, what holds them in every zone.
  start_at   INTEGER NOT NULL,
  end_at     INTEGER NOT NULL,
  time_zone  TEXT,                           -- IANA, of a travel: where to
  note       TEXT,
  version    INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX calendar_absences_by_start ON calendar_absences (user_id, start_at, id);
CREATE INDEX calendar_absences_by_end ON calendar_absences (user_id, end_at);

-- All of it, and the zone of the person, is computed with before a time is taken (`time_claims`). With
-- an account its row is gone before these are, so that there is nothing to count any more.
CREATE TRIGGER calendar_hours_count_when_added AFTER INSERT ON calendar_hours
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;
CREATE TRIGGER calendar_hours_count_when_changed AFTER UPDATE ON calendar_hours
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;
CREATE TRIGGER calendar_hours_count_when_deleted AFTER DELETE ON calendar_hours
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = OLD.user_id; END;
CREATE TRIGGER calendar_absences_count_when_added AFTER INSERT ON calendar_absences
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;
CREATE TRIGGER calendar_absences_count_when_changed AFTER UPDATE ON calendar_absences
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.user_id; END;
CREATE TRIGGER calendar_absences_count_when_deleted AFTER DELETE ON calendar_absences
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = OLD.user_id; END;
CREATE TRIGGER users_count_when_moved AFTER UPDATE OF time_zone ON users
WHEN OLD.time_zone <> NEW.time_zone
BEGIN UPDATE users SET calendar_revision = calendar_revision + 1 WHERE id = NEW.id; END;
