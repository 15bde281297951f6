-- Identity: provider accounts, keys, delegations, the audit trail, limits, reset, export, erasure.
--
-- What a secret is worth is never here: keys, codes and one-time tokens are stored as their SHA-256,
-- provider tokens are sealed (core/src/seal.rs).

-- What signing in leaves behind for the person to see: where from.
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- A person's accounts at providers. One that was only used to sign in has no sealed tokens.
CREATE TABLE connections (
  id              TEXT PRIMARY KEY,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider        TEXT NOT NULL CHECK (provider IN ('google', 'microsoft')),
  issuer          TEXT NOT NULL,             -- of the ID token: a tenant's own at Microsoft
  subject         TEXT NOT NULL,             -- who, for that issuer; never the address
  email           TEXT NOT NULL,             -- what the provider calls them; shown, not compared
  scopes          TEXT NOT NULL,             -- JSON array: what the provider granted
  status          TEXT NOT NULL CHECK (status IN ('sign_in_only', 'healthy', 'failing', 'reauthorize', 'disconnecting')),
  sealed_tokens   TEXT,                      -- JSON {access_token, refresh_token}, sealed
  sealed_with     TEXT,                      -- which key sealed them
  expires_at      TEXT,                      -- of the access token
  last_success_at TEXT,                      -- when the provider last took its token
  last_error      TEXT,                      -- a stable code
  checked_at      TEXT,
  version         INTEGER NOT NULL DEFAULT 1,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  UNIQUE (provider, issuer, subject)
) STRICT;
CREATE INDEX connections_by_user ON connections (user_id, id);
CREATE INDEX connections_by_seal ON connections (sealed_with) WHERE sealed_tokens IS NOT NULL;
CREATE INDEX connections_by_check ON connections (checked_at) WHERE sealed_tokens IS NOT NULL;

-- A visit to a provider that has begun: good once, for a few minutes, in one browser.
CREATE TABLE authorizations (
  state_hash   TEXT PRIMARY KEY,
  browser_hash TEXT NOT NULL,                -- of the cookie that the browser was given
  provider     TEXT NOT NULL,
  nonce        TEXT NOT NULL,
  verifier     TEXT NOT NULL,                -- PKCE (RFC 7636), sealed
  return_to    TEXT NOT NULL,
  challenge    TEXT,                         -- of the page that exchanges the code, if it gave one
  invitation   TEXT,                         -- hash of an invitation that a new account may use
  login_hint   TEXT,                         -- which account is meant, where one is
  user_id      TEXT REFERENCES users (id) ON DELETE CASCADE,  -- set: connects to this account
  scopes       TEXT NOT NULL,                -- JSON array: which parts of the account are to be connected
  expires_at   TEXT NOT NULL,
  used_at      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX authorizations_by_expiry ON authorizations (expires_at);
CREATE INDEX authorizations_by_user ON authorizations (user_id);

-- What a visit came back with, until the page that began it exchanges its one-time code.
CREATE TABLE exchange_codes (
  code_hash  TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  challenge  TEXT,
  grant_json TEXT,                           -- connecting: the account and its tokens, sealed; NULL: signing in
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_codes_by_expiry ON exchange_codes (expires_at);
CREATE INDEX exchange_codes_by_user ON exchange_codes (user_id);

CREATE TABLE api_keys (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  key_hash     TEXT NOT NULL UNIQUE,
  scopes       TEXT NOT NULL,                -- JSON array
  expires_at   TEXT,
  last_used_at TEXT,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL
) STRICT;
CREATE INDEX api_keys_by_user ON api_keys (user_id, id);

-- What one person lets another do for them.
CREATE TABLE delegations (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,  -- whose things
  delegate_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,  -- who acts
  scopes      TEXT NOT NULL,                 -- JSON array
  expires_at  TEXT,
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  TEXT NOT NULL,
  updated_at  TEXT NOT NULL,
  UNIQUE (user_id, delegate_id),
  CHECK (user_id <> delegate_id)
) STRICT;
CREATE INDEX delegations_by_delegate ON delegations (delegate_id, id);

-- Who did what to what, from where, on whose behalf. Rows are added and never changed; they go with
-- the account they are of. Somebody else's row only loses the name of a person who was erased.
CREATE TABLE audit_entries (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,   -- whose trail
  actor_id   TEXT REFERENCES users (id) ON DELETE SET NULL,           -- who; NULL: the service, or one who was erased
  via        TEXT NOT NULL,                  -- session, api_key, delegation, service
  via_id     TEXT,                           -- which one
  action     TEXT NOT NULL,
  object     TEXT,                           -- an identifier, or what a request asked for
  detail     TEXT NOT NULL,                  -- JSON object
  address    TEXT NOT NULL,                  -- the network address; empty: the service itself
  user_agent TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entries_by_user ON audit_entries (user_id, id);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, user_id, action, created_at);
-- Of somebody who is being erased an entry loses who they were, from where they acted, and their
-- identifier in what is told; nothing else of an entry changes.
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
WHEN OLD.id <> NEW.id OR OLD.user_id <> NEW.user_id OR OLD.action <> NEW.action
  OR OLD.object IS NOT NEW.object OR OLD.via <> NEW.via OR OLD.created_at <> NEW.created_at
  OR (OLD.actor_id IS NOT NEW.actor_id AND NEW.actor_id IS NOT NULL)
  OR ((OLD.via_id IS NOT NEW.via_id OR OLD.address <> NEW.address
      OR OLD.user_agent <> NEW.user_agent) AND (
    NEW.via_id IS NOT NULL OR NEW.address <> '' OR NEW.user_agent <> '' OR NOT EXISTS (
      SELECT 1 FROM users WHERE id = OLD.actor_id AND erasing_at IS NOT NULL)))
  OR (OLD.detail <> NEW.detail AND NOT EXISTS (
    SELECT 1 FROM users
    WHERE erasing_at IS NOT NULL AND NEW.detail = replace(OLD.detail, id, 'erased')))
BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END;
CREATE TRIGGER audit_entries_are_not_replaced BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit entries are not replaced'); END;
CREATE TRIGGER audit_entries_are_kept BEFORE DELETE ON audit_entries
WHEN EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id AND erasing_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'audit entries are not deleted'); END;

-- When it was last seen that the address is the person's: a provider vouched for it, or they followed
-- a message that was sent there. NULL: never.
ALTER TABLE users ADD COLUMN address_verified_at TEXT;

-- Set while an account is being erased: nothing of it can be used any more.
ALTER TABLE users ADD COLUMN erasing_at TEXT;

-- Whether a request may do what it asks: written to by the first statement of its batch, stores
-- nothing, and undoes the batch where the answer is no (src/store/permits.rs).
CREATE VIEW permits AS SELECT '' AS user_id, '' AS actor_id, '' AS session_id, '' AS key_hash,
  '' AS scope, '' AS role, '' AS now WHERE 0;
CREATE TRIGGER permits_are_checked INSTEAD OF INSERT ON permits
BEGIN
  SELECT RAISE(ABORT, 'permit: account is gone')
  WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.actor_id AND erasing_at IS NULL);
  SELECT RAISE(ABORT, 'permit: session has ended')
  WHERE NEW.session_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM sessions WHERE id = NEW.session_id AND user_id = NEW.actor_id AND ended_at IS NULL);
  SELECT RAISE(ABORT, 'permit: not the role')
  WHERE NEW.role IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.actor_id AND role = NEW.role);
  SELECT RAISE(ABORT, 'permit: key is not valid')
  WHERE NEW.key_hash IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM api_keys WHERE key_hash = NEW.key_hash AND user_id = NEW.actor_id
      AND (expires_at IS NULL OR expires_at > NEW.now));
  SELECT RAISE(ABORT, 'permit: key lacks the scope')
  WHERE NEW.key_hash IS NOT NULL AND NEW.scope IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM api_keys, json_each(api_keys.scopes) AS scope
    WHERE key_hash = NEW.key_hash AND scope.value = NEW.scope);
  SELECT RAISE(ABORT, 'permit: no delegation')
  WHERE NEW.user_id <> NEW.actor_id AND NOT EXISTS (
    SELECT 1 FROM delegations JOIN users ON users.id = delegations.user_id
    WHERE delegations.user_id = NEW.user_id AND delegate_id = NEW.actor_id
      AND users.erasing_at IS NULL AND (expires_at IS NULL OR expires_at > NEW.now));
  SELECT RAISE(ABORT, 'permit: delegation lacks the scope')
  WHERE NEW.user_id <> NEW.actor_id AND NOT EXISTS (
    SELECT 1 FROM delegations, json_each(delegations.scopes) AS scope
    WHERE delegations.user_id = NEW.user_id AND delegate_id = NEW.actor_id
      AND scope.value = NEW.scope);
END;

-- How often something was tried for a subject (a hash of an address, mail or network) lately.
CREATE TABLE attempts (
  subject       TEXT PRIMARY KEY,
  count         INTEGER NOT NULL,
  blocked_until TEXT NOT NULL,
  expires_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_expiry ON attempts (expires_at);

-- A password that may be set anew, once.
CREATE TABLE password_resets (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX password_resets_by_user ON password_resets (user_id);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);

-- Mail that a deployment without a mail service would have sent: `cargo xtask mailbox` shows it.
CREATE TABLE development_mailbox (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  message    TEXT NOT NULL,                  -- RFC 5322
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX development_mailbox_by_user ON development_mailbox (user_id, id);

-- Archives of everything a person has: parts in R2 that make one archive in their order.
CREATE TABLE exports (
  id         TEXT PRIMARY KEY,               -- of its job
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  finished_at TEXT,
  expires_at TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX exports_by_user ON exports (user_id, id);
CREATE INDEX exports_by_expiry ON exports (expires_at);
CREATE TABLE export_parts (
  export_id TEXT NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
  number    INTEGER NOT NULL,
  key       TEXT NOT NULL,                   -- the R2 object
  length    INTEGER NOT NULL,
  PRIMARY KEY (export_id, number)
) STRICT, WITHOUT ROWID;

-- Accounts that left. What stays is the receipt: it tells nothing of the person.
CREATE TABLE erasures (
  receipt_hash TEXT PRIMARY KEY,
  user_id      TEXT,                         -- until it is finished
  erased       TEXT NOT NULL,                -- JSON: how much of what
  requested_at TEXT NOT NULL,
  finished_at  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_unfinished ON erasures (requested_at) WHERE finished_at IS NULL;
