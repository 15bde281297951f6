-- Pages on which people outside book a time of somebody's.
CREATE TABLE booking_links (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  slug       TEXT NOT NULL UNIQUE,           -- what nobody guesses; the person sees it again to give it away
  rules      TEXT NOT NULL,                  -- JSON, as it is shown
  version    INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX booking_links_by_user ON booking_links (user_id, id);
