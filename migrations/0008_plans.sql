-- Plans: tasks in free time. Their blocks are events of the primary calendar (`origin` 'plan').
CREATE TABLE calendar_plans (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  start_at   INTEGER NOT NULL,               -- milliseconds since 1970
  end_at     INTEGER NOT NULL,
  rules      TEXT NOT NULL,                  -- JSON, as it is shown
  task_ids   TEXT,                           -- JSON array; NULL: all that are open
  unplaced   TEXT NOT NULL,                  -- JSON array: what found no place when it was last planned
  version    INTEGER NOT NULL DEFAULT 1,     -- counts what happens to its blocks, too
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX calendar_plans_by_user ON calendar_plans (user_id, id);

-- Which version of a block its plan has written. Where the block has another one by now, the person
-- has moved or changed it, and it is theirs from then on.
ALTER TABLE calendar_events ADD COLUMN planned_version INTEGER;

-- What a plan shows of its blocks is part of its version.
CREATE TRIGGER calendar_plans_count_when_a_block_changes AFTER UPDATE OF version ON calendar_events
WHEN OLD.origin = 'plan'
BEGIN UPDATE calendar_plans SET version = version + 1 WHERE id = OLD.origin_id; END;
CREATE TRIGGER calendar_plans_count_when_a_block_goes AFTER DELETE ON calendar_events
WHEN OLD.origin = 'plan'
BEGIN UPDATE calendar_plans SET version = version + 1 WHERE id = OLD.origin_id; END;

-- A plan is made anew when it is disturbed: written to in the batch that does so, whatever that is.
-- There is one step for a plan, under an identifier that follows from the plan's. One that is under
-- way may have read too early; the count of the plan's version keeps it from committing that.
CREATE VIEW calendar_disturbances AS SELECT '' AS user_id, '' AS plan_id, '' AS now WHERE 0;
CREATE TRIGGER calendar_disturbances_are_mended INSTEAD OF INSERT ON calendar_disturbances
BEGIN
  UPDATE calendar_plans SET version = version + 1 WHERE user_id = NEW.user_id AND id = NEW.plan_id;
  INSERT INTO work_items (id, user_id, payload, not_before, created_at)
  SELECT 'wrk_' || substr(p.id, 5), p.user_id, json_object('kind', 'replan_v1', 'plan_id', p.id),
    NEW.now, NEW.now
  FROM calendar_plans AS p JOIN users AS u ON u.id = p.user_id
  WHERE p.user_id = NEW.user_id AND p.id = NEW.plan_id AND u.erasing_at IS NULL
  ON CONFLICT (id) DO NOTHING;
END;

-- Something landed between two instants: that disturbs the plans whose blocks lie there and are still
-- ahead. What a plan writes itself lands nowhere: it was free.
CREATE VIEW calendar_landings AS
  SELECT '' AS user_id, '' AS event_id, 0 AS first_at, 0 AS last_at, '' AS now WHERE 0;
CREATE TRIGGER calendar_landings_disturb_plans INSTEAD OF INSERT ON calendar_landings
BEGIN
  INSERT INTO calendar_disturbances (user_id, plan_id, now)
  SELECT NEW.user_id, p.id, NEW.now FROM calendar_plans AS p
  WHERE p.user_id = NEW.user_id AND p.end_at > MAX(NEW.first_at, unixepoch() * 1000)
    AND p.start_at < NEW.last_at
    AND EXISTS (
      SELECT 1 FROM calendar_events AS b
      WHERE b.origin_id = p.id AND b.user_id = p.user_id AND b.origin = 'plan'
        AND b.version = b.planned_version AND b.id <> NEW.event_id
        AND b.first_at < NEW.last_at AND b.last_at > NEW.first_at AND b.first_at > unixepoch() * 1000);
END;
CREATE TRIGGER calendar_events_land_when_added AFTER INSERT ON calendar_events
WHEN (NEW.origin <> 'plan' OR NEW.origin_id IS NULL) AND NEW.busy <> 'free'
  AND EXISTS (SELECT 1 FROM calendar_plans
    WHERE user_id = NEW.user_id AND end_at > MAX(NEW.first_at, unixepoch() * 1000))
BEGIN
  INSERT INTO calendar_landings (user_id, event_id, first_at, last_at, now)
  VALUES (NEW.user_id, NEW.id, NEW.first_at, NEW.last_at, NEW.updated_at);
END;
CREATE TRIGGER calendar_events_land_when_changed
AFTER UPDATE OF first_at, last_at, busy ON calendar_events
WHEN (NEW.origin <> 'plan' OR NEW.version IS NOT NEW.planned_version) AND NEW.busy <> 'free'
  AND EXISTS (SELECT 1 FROM calendar_plans
    WHERE user_id = NEW.user_id AND end_at > MAX(NEW.first_at, unixepoch() * 1000))
BEGIN
  INSERT INTO calendar_landings (user_id, event_id, first_at, last_at, now)
  VALUES (NEW.user_id, NEW.id, NEW.first_at, NEW.last_at, NEW.updated_at);
END;
CREATE TRIGGER calendar_absences_land_when_added AFTER INSERT ON calendar_absences
WHEN NEW.kind = 'out_of_office'
BEGIN
  INSERT INTO calendar_landings (user_id, event_id, first_at, last_at, now)
  VALUES (NEW.user_id, '', NEW.start_at, NEW.end_at, NEW.updated_at);
END;
CREATE TRIGGER calendar_absences_land_when_changed AFTER UPDATE ON calendar_absences
WHEN NEW.kind = 'out_of_office'
BEGIN
  INSERT INTO calendar_landings (user_id, event_id, first_at, last_at, now)
  VALUES (NEW.user_id, '', NEW.start_at, NEW.end_at, NEW.updated_at);
END;

-- A calendar begins to take up time.
CREATE TRIGGER calendars_disturb_plans_when_busy AFTER UPDATE OF is_busy ON calendars
WHEN NEW.is_busy = 1 AND OLD.is_busy = 0
BEGIN
  INSERT INTO calendar_disturbances (user_id, plan_id, now)
  SELECT p.user_id, p.id, NEW.updated_at FROM calendar_plans AS p
  WHERE p.user_id = NEW.user_id AND p.end_at > unixepoch() * 1000;
END;

-- A task that has blocks, or found no place, or is open again, is done, goes, or needs another place.
CREATE INDEX calendar_events_by_task ON calendar_events (task_id) WHERE task_id IS NOT NULL;
CREATE VIEW task_disturbances AS
  SELECT '' AS user_id, '' AS task_id, 0 AS is_reopened, '' AS now WHERE 0;
CREATE TRIGGER task_disturbances_disturb_plans INSTEAD OF INSERT ON task_disturbances
BEGIN
  INSERT INTO calendar_disturbances (user_id, plan_id, now)
  SELECT p.user_id, p.id, NEW.now FROM calendar_plans AS p
  WHERE p.user_id = NEW.user_id AND p.end_at > unixepoch() * 1000
    AND (instr(p.unplaced, NEW.task_id) > 0
      OR (NEW.is_reopened AND (p.task_ids IS NULL OR instr(p.task_ids, NEW.task_id) > 0))
      OR EXISTS (SELECT 1 FROM calendar_events AS b
        WHERE b.task_id = NEW.task_id AND b.origin_id = p.id AND b.origin = 'plan'));
END;
CREATE TRIGGER tasks_disturb_plans_when_changed
AFTER UPDATE OF status, due_at, priority, duration_minutes ON tasks
WHEN OLD.status <> NEW.status OR OLD.due_at IS NOT NEW.due_at OR OLD.priority <> NEW.priority
  OR OLD.duration_minutes IS NOT NEW.duration_minutes
BEGIN
  INSERT INTO task_disturbances (user_id, task_id, is_reopened, now)
  VALUES (NEW.user_id, NEW.id, NEW.status IN ('todo', 'in_progress')
    AND OLD.status NOT IN ('todo', 'in_progress'), NEW.updated_at);
END;
CREATE TRIGGER tasks_disturb_plans_when_deleted AFTER DELETE ON tasks
BEGIN
  INSERT INTO task_disturbances (user_id, task_id, is_reopened, now)
  VALUES (OLD.user_id, OLD.id, 0, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;
