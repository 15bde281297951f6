-- Language models: what people prefer, what is used of them, and what people teach about their mail.

CREATE TABLE preferences (
  user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  document   TEXT NOT NULL,                  -- JSON, as it is shown
  version    INTEGER NOT NULL DEFAULT 1,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys of people's own at providers of models, sealed.
CREATE TABLE model_keys (
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider    TEXT NOT NULL,
  sealed_key  TEXT NOT NULL,
  sealed_with TEXT NOT NULL,                 -- which key sealed it
  created_at  TEXT NOT NULL,
  PRIMARY KEY (user_id, provider)
) STRICT, WITHOUT ROWID;

-- What a person's day has used: taken before a call is made, and given back as far as it was not used.
CREATE TABLE model_usage (
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  day          TEXT NOT NULL,                -- a date, the person's own
  tokens       INTEGER NOT NULL DEFAULT 0,
  cost_micros  INTEGER NOT NULL DEFAULT 0,   -- millionths of the deployment's currency
  warned_at    TEXT,
  exhausted_at TEXT,
  PRIMARY KEY (user_id, day)
) STRICT, WITHOUT ROWID;

-- Every call of a model.
CREATE TABLE model_calls (
  id             TEXT PRIMARY KEY,
  user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  day            TEXT NOT NULL,
  work_id        TEXT,                       -- the step that made it; NULL: a request did
  email_id       TEXT NOT NULL,              -- outlives the message: it was paid for
  purpose        TEXT NOT NULL,              -- the prompt's name
  prompt_version INTEGER NOT NULL,
  provider       TEXT NOT NULL,
  model          TEXT NOT NULL,
  content_key    TEXT NOT NULL,              -- what the same content has in common
  status         TEXT NOT NULL CHECK (status IN ('started', 'answered', 'failed', 'unknown')),
  outcome        TEXT NOT NULL DEFAULT '',   -- the code of a failure
  tokens         INTEGER NOT NULL,           -- what the day is charged: the most that it can cost while
  cost_micros    INTEGER NOT NULL,           -- it is under way or its end is not known
  input_tokens   INTEGER,                    -- as the provider counts; NULL: not known
  output_tokens  INTEGER,
  latency_ms     INTEGER,
  created_at     TEXT NOT NULL,
  finished_at    TEXT
) STRICT;
CREATE INDEX model_calls_by_user ON model_calls (user_id, id);
CREATE INDEX model_calls_under_way ON model_calls (created_at) WHERE status = 'started';
CREATE INDEX model_calls_by_work ON model_calls (work_id) WHERE work_id IS NOT NULL;

-- Answers that were taken, so that the same content is asked about once.
CREATE TABLE model_answers (
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  content_key TEXT NOT NULL,
  answer      TEXT NOT NULL,                 -- JSON, checked
  created_at  TEXT NOT NULL,
  PRIMARY KEY (user_id, content_key)
) STRICT, WITHOUT ROWID;

-- How it stands with a provider: for the deployment's key (no person), and for each person's own.
CREATE TABLE model_breakers (
  provider    TEXT NOT NULL,
  user_id     TEXT REFERENCES users (id) ON DELETE CASCADE,
  failures    INTEGER NOT NULL,
  rests_until TEXT
) STRICT;
CREATE UNIQUE INDEX model_breakers_by_provider ON model_breakers (provider, COALESCE(user_id, ''));

-- What a person teaches about their mail.
CREATE TABLE lessons (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind        TEXT NOT NULL CHECK (kind IN ('sender', 'not_a_task')),
  sender      TEXT,                          -- an address or '@domain', in lower case
  category    TEXT,
  priority    TEXT,
  gives_tasks INTEGER,
  quote       TEXT,                          -- the sentence that is no task
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  TEXT NOT NULL,
  updated_at  TEXT NOT NULL
) STRICT;
CREATE INDEX lessons_by_user ON lessons (user_id, id);

-- What the engine said, beside what counts: a person's correction of the message, else the closest lesson
-- of its sender, else the engine.
ALTER TABLE email_analyses ADD COLUMN judged_category TEXT;
ALTER TABLE email_analyses ADD COLUMN judged_priority TEXT;
ALTER TABLE email_analyses ADD COLUMN judged_needs_reply INTEGER;
ALTER TABLE email_analyses ADD COLUMN summary_sources TEXT NOT NULL DEFAULT '[]';  -- JSON array of {start, end}
UPDATE email_analyses SET
  judged_category = iif(corrections ->> '$.category' IS NULL, category, NULL),
  judged_priority = iif(corrections ->> '$.priority' IS NULL, priority, NULL),
  judged_needs_reply = iif(corrections ->> '$.needs_reply' IS NULL, needs_reply, NULL);
