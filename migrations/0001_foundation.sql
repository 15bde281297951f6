-- The foundation: people, sessions, mail, tasks, and the tables that make work survive a kill.
--
-- Conventions. Instants are TEXT, RFC 3339 in UTC with three decimals and `Z`, so that they sort as
-- text. JSON columns hold valid JSON. `version` counts the changes of a row and is its ETag. Every
-- table that holds somebody's data carries `user_id`, and no query joins two people.

CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  email         TEXT NOT NULL,
  email_key     TEXT NOT NULL UNIQUE,        -- the address in lower case: what is compared
  name          TEXT NOT NULL,
  time_zone     TEXT NOT NULL,               -- IANA
  role          TEXT NOT NULL CHECK (role IN ('owner', 'member')),
  password_hash TEXT,                        -- PHC string (argon2id) or bcrypt; NULL: no password
  version       INTEGER NOT NULL DEFAULT 1,
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
) STRICT;

-- Which addresses are "me" in a message.
CREATE TABLE user_addresses (
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  address    TEXT NOT NULL,                  -- lower case
  created_at TEXT NOT NULL,
  PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  user_agent   TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  ended_at     TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, id);

-- A refresh token is stored as the SHA-256 of its text. The successor of a token is derived from
-- it, so a race between two tabs is given one successor without keeping a readable token.
CREATE TABLE refresh_tokens (
  token_hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE invitations (
  token_hash TEXT PRIMARY KEY,
  created_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_by    TEXT,
  used_at    TEXT
) STRICT, WITHOUT ROWID;

-- The first answer to a request that carried an Idempotency-Key. Swept after a day.
CREATE TABLE idempotency_records (
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key          TEXT NOT NULL,
  request_hash TEXT NOT NULL,                -- of the method, the path and the body
  status       INTEGER NOT NULL,
  location     TEXT,
  etag         TEXT,
  body         TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

CREATE TABLE tasks (
  row              INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice: the search index keeps it
  id               TEXT NOT NULL UNIQUE,
  user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  title            TEXT NOT NULL,
  description      TEXT NOT NULL,
  status           TEXT NOT NULL CHECK (status IN ('todo', 'in_progress', 'completed', 'cancelled')),
  priority         TEXT NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
  due              TEXT,                     -- JSON: the calendar time with its resolved instant
  due_at           TEXT,                     -- that instant
  due_zone         TEXT,                     -- all-day only: the person's zone it was resolved in
  duration_minutes INTEGER,
  completed_at     TEXT,
  source           TEXT,                     -- JSON: which message, which sentence
  confidence       REAL,
  links            TEXT NOT NULL,            -- JSON array of {kind, id}
  version          INTEGER NOT NULL DEFAULT 1,
  created_at       TEXT NOT NULL,
  updated_at       TEXT NOT NULL,
  priority_order   INTEGER GENERATED ALWAYS AS
    (CASE priority WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END) VIRTUAL,
  due_order        TEXT GENERATED ALWAYS AS (COALESCE(due_at, '~')) VIRTUAL  -- no due: last
) STRICT;
CREATE INDEX tasks_by_id ON tasks (user_id, id);
CREATE INDEX tasks_by_due ON tasks (user_id, due_order, id);
CREATE INDEX tasks_by_priority ON tasks (user_id, priority_order, id);
CREATE INDEX tasks_by_update ON tasks (user_id, updated_at, id);
CREATE INDEX tasks_by_status ON tasks (user_id, status, id);

-- Which requests of a thread became which task: outlives the task, so that a task which was
-- deleted does not come back when its message is read again.
CREATE TABLE task_requests (
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  thread_id   TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  task_id     TEXT NOT NULL,
  quote       TEXT NOT NULL,
  PRIMARY KEY (user_id, thread_id, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE emails (
  row             INTEGER PRIMARY KEY AUTOINCREMENT,    -- never given twice: the search index keeps it
  id              TEXT NOT NULL UNIQUE,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  dedupe_key      TEXT NOT NULL,             -- the Message-ID or a hash of the content
  message_id      TEXT,
  thread_id       TEXT NOT NULL,
  sender          TEXT,                      -- JSON {name, address}: From
  sender_address  TEXT,
  recipients      TEXT NOT NULL,             -- JSON array: To
  copied          TEXT NOT NULL,             -- JSON array: Cc
  reply_to        TEXT NOT NULL,             -- JSON array
  participants    TEXT NOT NULL,             -- JSON array of the addresses that are not the person
  subject         TEXT NOT NULL,
  subject_key     TEXT NOT NULL,             -- the base subject (RFC 5256), in lower case
  sent_at         TEXT,
  sent_offset     INTEGER,                   -- minutes east of UTC: the sender's clock
  received_at     TEXT NOT NULL,
  snippet         TEXT NOT NULL,
  text            TEXT NOT NULL,
  text_truncated  INTEGER NOT NULL,
  has_attachments INTEGER NOT NULL,
  attachments     TEXT NOT NULL,             -- JSON array
  signals         TEXT NOT NULL,             -- JSON: what the headers say of the kind of message
  labels          TEXT NOT NULL,             -- JSON array of text
  is_read         INTEGER NOT NULL,
  origin          TEXT NOT NULL,             -- where it came from: 'import', later a connection
  raw_key         TEXT NOT NULL,             -- the R2 object that holds the source
  raw_offset      INTEGER NOT NULL,
  raw_length      INTEGER NOT NULL,
  raw_escaped     INTEGER NOT NULL,          -- 1: lines are escaped as in an mboxrd
  version         INTEGER NOT NULL DEFAULT 1,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  UNIQUE (user_id, dedupe_key)
) STRICT;
CREATE INDEX emails_by_received ON emails (user_id, received_at, id);
CREATE INDEX emails_by_thread ON emails (user_id, thread_id, received_at);
CREATE INDEX emails_by_subject ON emails (user_id, subject_key, received_at) WHERE subject_key <> '';
CREATE INDEX emails_by_source ON emails (raw_key);

-- Every Message-ID that was seen or referred to, and the thread it belongs to.
CREATE TABLE message_references (
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  message_id TEXT NOT NULL,
  thread_id  TEXT NOT NULL,
  PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_references_by_thread ON message_references (user_id, thread_id);

CREATE TABLE email_analyses (
  email_id        TEXT PRIMARY KEY REFERENCES emails (id) ON DELETE CASCADE,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  category        TEXT NOT NULL,
  priority        TEXT NOT NULL,
  needs_reply     INTEGER NOT NULL,
  sentiment       TEXT NOT NULL,             -- JSON {label, score}
  summary         TEXT NOT NULL,
  language        TEXT NOT NULL,
  reasons         TEXT NOT NULL,             -- JSON array of {code, text}
  engine          TEXT NOT NULL,
  engine_version  INTEGER NOT NULL,
  confidence      REAL NOT NULL,
  corrections     TEXT NOT NULL DEFAULT '{}', -- JSON: the fields that the person set
  version         INTEGER NOT NULL DEFAULT 1,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL
) STRICT;
CREATE INDEX email_analyses_by_category ON email_analyses (user_id, category, email_id);
CREATE INDEX email_analyses_by_reply ON email_analyses (user_id, needs_reply, email_id);

CREATE TABLE jobs (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind        TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
  done        INTEGER NOT NULL DEFAULT 0,
  total       INTEGER,                       -- NULL until it is known
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  TEXT NOT NULL,
  updated_at  TEXT NOT NULL,
  finished_at TEXT
) STRICT;
CREATE INDEX jobs_by_user ON jobs (user_id, id);

-- What of a job could not be done, item by item. One row an item, however often it is tried.
CREATE TABLE job_errors (
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  item   TEXT NOT NULL,
  code   TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (job_id, item)
) STRICT, WITHOUT ROWID;

-- Work that was accepted and is not finished. The row is the truth and the queue message only a
-- wake-up: the row goes in the batch that commits the work's effect, and no sooner.
CREATE TABLE work_items (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  job_id      TEXT REFERENCES jobs (id) ON DELETE CASCADE,
  payload     TEXT NOT NULL,                 -- JSON, tagged with its kind and version
  attempts    INTEGER NOT NULL DEFAULT 0,
  not_before  TEXT NOT NULL,                 -- claimed, or backing off, until then
  last_error  TEXT,
  created_at  TEXT NOT NULL
) STRICT;
CREATE INDEX work_items_by_time ON work_items (not_before);
CREATE INDEX work_items_by_job ON work_items (job_id);

-- Work that failed for good, with its reason, until somebody tries it again.
CREATE TABLE dead_letters (
  id         TEXT PRIMARY KEY,
  user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,   -- NULL: nobody could tell whose
  job_id     TEXT REFERENCES jobs (id) ON DELETE CASCADE,
  payload    TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_job ON dead_letters (job_id);
CREATE INDEX dead_letters_by_age ON dead_letters (created_at);

-- Events that were committed and are not yet in their person's hub. AUTOINCREMENT never gives a
-- position twice, so positions follow the order of the commits. The hub deletes what it has.
CREATE TABLE outbox (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  id          TEXT NOT NULL,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  type        TEXT NOT NULL,
  data        TEXT NOT NULL,                 -- JSON
  occurred_at TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_user ON outbox (user_id, position);
