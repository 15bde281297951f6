-- Erasure: what other people's rows say of somebody who leaves.

-- An entry of somebody else's trail may lose the name of a person who is being erased, in who acted
-- and in what is told; nothing else of an entry ever changes.
DROP TRIGGER audit_entries_stay;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
WHEN (NEW.actor_id IS NOT NULL AND NEW.actor_id IS NOT OLD.actor_id)
  OR OLD.id <> NEW.id OR OLD.user_id <> NEW.user_id
  OR OLD.action <> NEW.action OR OLD.object IS NOT NEW.object
  OR OLD.via <> NEW.via OR OLD.created_at <> NEW.created_at
  OR (OLD.detail <> NEW.detail AND NOT EXISTS (
    SELECT 1 FROM users
    WHERE erasing_at IS NOT NULL AND NEW.detail = replace(OLD.detail, id, 'erased')))
BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END;

-- How the entries of the other side of a delegation are found.
CREATE INDEX audit_entries_of_delegations ON audit_entries (object)
WHERE action = 'delegation.created';
