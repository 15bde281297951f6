-- Addresses under which a person's calendars are read by who has the address.
CREATE TABLE calendar_feeds (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  calendar_ids TEXT,                         -- JSON array; NULL: all of them
  detail       TEXT NOT NULL CHECK (detail IN ('full', 'shared', 'busy')),
  token_hash   TEXT NOT NULL UNIQUE,         -- of the secret in the address
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL
) STRICT;
CREATE INDEX calendar_feeds_by_user ON calendar_feeds (user_id, id);
