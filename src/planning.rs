//! Plans between their rules (`delegate_core::calendar::plan`) and their rows (`store::plans`): what
//! is planned with, and what becomes of the blocks. A handler makes a plan; a step of work makes it
//! anew when something lands on it.
//!
//! What was read is checked where it is written: the times are claimed, and a plan that is made anew
//! is of the version that was read. Whoever fails at that ([`is_overtaken`]) reads again.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use delegate_core::calendar::agenda::Agenda;
use delegate_core::calendar::event::{Event, EventInput, EventPatchInput, Visibility};
use delegate_core::calendar::hold::civil_times;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::plan::free::{AROUND_MS, free_time};
use delegate_core::calendar::plan::wire::{KeptPlan, MAX_TASKS, NewPlan, Plan};
use delegate_core::calendar::plan::{Changes, Input, PlanTask, PlannedBlock, plan};
use delegate_core::error::{Error, Kind, Violations};
use delegate_core::identifier::{CalendarEventId, EventId, PlanId, TaskId, UserId};
use delegate_core::time::Timestamp;

use crate::http::call::Call;
use crate::platform::database::{Database, Statement};
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};
use crate::queue;
use crate::store::plans::{self, Blocks, Found, TaskRow};
use crate::store::tasks::json;
use crate::store::{agendas, guard};

/// The most blocks that a plan adds or moves at once.
const MAX_BLOCKS: usize = 500;

/// How much of a plan is made anew at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it, or nothing and a refusal.
    All,
    /// What stands in something's way, and of what is new as much as can be written at once.
    AsMuchAsGoes,
}

/// A plan that was made, and what writes it.
pub(crate) struct Made {
    pub(crate) kept: KeptPlan,
    pub(crate) version: u32,
    /// None where nothing has changed.
    pub(crate) statements: Vec<Statement>,
}

/// Whether something failed because what was read does not hold any more.
pub(crate) fn is_overtaken(error: &Error) -> bool {
    agendas::refusal(error).is_some() || guard::has_failed(error)
}

/// Wakes the queue for the plans of a person that something committed just now has disturbed, after the
/// answer has left. If that fails, the sweep does it.
pub(crate) fn mend(call: &Call, user: &UserId) {
    let (env, user) = (call.env().clone(), user.clone());
    call.afterwards(async move {
        let woken = async {
            let answer = Database::of(&env)?
                .run(plans::waiting(&user, clock::now()))
                .await?;
            let waiting = plans::found_waiting(&answer)?;
            if waiting.is_empty() {
                return Ok(());
            }
            queue::wake(&env, waiting, TimeDelta::zero()).await
        };
        if let Err(error) = woken.await {
            Line::new(Level::Warn, "queue.send_failed")
                .with("error", error.cause().unwrap_or_default())
                .write();
        }
    });
}

/// Makes a plan. One round trip, which fails (`guard`) where the person has `most` that go on.
pub(crate) async fn make(
    database: &Database,
    user: &UserId,
    id: &PlanId,
    new: &NewPlan,
    most: u32,
    now: Timestamp,
) -> Result<Made, Error> {
    let named = new.tasks.as_deref();
    let answers = database
        .batch(vec![
            plans::room(user, most, now),
            agendas::find_for_plan(user, around(new.window, now), None, now),
            plans::tasks(user, named, None, MAX_TASKS)?,
        ])
        .await?;
    let [_, agenda, tasks] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let texts = agendas::texts(agenda)?;
    let ground = Ground {
        user,
        agenda: agendas::read(texts.first().ok_or_else(Error::not_found)?)?,
        tasks: plans::found_tasks(tasks)?,
        new,
        now,
    };
    check_named(named, &ground.tasks)?;
    let changes = ground.changes(&[])?;
    check_size(&changes)?;
    let (blocks, answered) = ground.blocks(changes, &BTreeMap::new())?;
    let unplaced = json(&answered.unplaced)?;
    // Of two at once the second reads again, and is refused then.
    let mut statements = vec![plans::room(user, most, now)];
    statements.extend(plans::write_blocks(
        user,
        id,
        &blocks,
        ground.agenda.revision,
        || event_id(now),
        now,
    )?);
    let said = (new.window, &new.rules, named);
    statements.extend(plans::insert(
        user,
        id,
        said,
        &unplaced,
        &event_id(now)?,
        now,
    )?);
    Ok(Made {
        kept: KeptPlan {
            id: id.clone(),
            rules: new.rules,
            task_ids: new.tasks.clone(),
            plan: answered,
            created_at: now,
            updated_at: now,
        },
        version: 1,
        statements,
    })
}

/// Makes a plan anew, as far as it has to change; `None` where it is gone. Two round trips: which
/// tasks and which time are read is known from the plan.
pub(crate) async fn make_anew(
    database: &Database,
    user: &UserId,
    id: &PlanId,
    extent: Extent,
    now: Timestamp,
) -> Result<Option<Made>, Error> {
    let answer = database.run(plans::find_to_replan(user, id, now)).await?;
    let Some(found) = plans::found(&answer)? else {
        return Ok(None);
    };
    let Found {
        window,
        rules,
        tasks,
        blocks: standing,
        ..
    } = &found;
    let new = NewPlan {
        window: *window,
        tasks: tasks.clone(),
        rules: *rules,
    };
    let asked = vec![
        agendas::find_for_plan(user, around(*window, now), Some(id), now),
        plans::tasks(user, tasks.as_deref(), Some(id), MAX_TASKS)?,
    ];
    let answers = database.batch(asked).await?;
    let [agenda, tasks] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let texts = agendas::texts(agenda)?;
    let mut ground = Ground {
        user,
        agenda: agendas::read(texts.first().ok_or_else(Error::not_found)?)?,
        tasks: plans::found_tasks(tasks)?,
        new: &new,
        now,
    };
    let mut stood = Vec::with_capacity(standing.len());
    let mut by_id = BTreeMap::new();
    for row in standing {
        stood.push(PlannedBlock {
            id: row.id.clone(),
            task: row.task.clone(),
            interval: Interval {
                start: row.first_at,
                end: row.last_at,
            },
            is_fixed: row.is_fixed == 1,
        });
        by_id.extend(row.event.as_ref().map(|event| (row.id.clone(), event)));
        ground.close_if_gone(&row.task);
    }
    let mut changes = ground.changes(&stood)?;
    match extent {
        Extent::All => check_size(&changes)?,
        Extent::AsMuchAsGoes => changes
            .add
            .truncate(MAX_BLOCKS.saturating_sub(changes.moves.len())),
    }
    let (blocks, answered) = ground.blocks(changes, &by_id)?;
    let unplaced = json(&answered.unplaced)?;
    let is_as_before = blocks.are_as_before() && unplaced == found.unplaced;
    let mut statements = Vec::new();
    if !is_as_before {
        statements.push(plans::still(user, id, found.version));
        statements.extend(plans::write_blocks(
            user,
            id,
            &blocks,
            ground.agenda.revision,
            || event_id(now),
            now,
        )?);
        let told = event_id(now)?;
        statements.extend(plans::update(
            user,
            id,
            found.version,
            &unplaced,
            &told,
            now,
        ));
    }
    Ok(Some(Made {
        kept: KeptPlan {
            id: id.clone(),
            rules: found.rules,
            task_ids: found.tasks,
            plan: answered,
            created_at: found.created_at,
            updated_at: if is_as_before { found.updated_at } else { now },
        },
        version: found.version + u32::from(!is_as_before),
        statements,
    }))
}

fn event_id(now: Timestamp) -> Result<EventId, Error> {
    Ok(EventId::new(now, random::bytes()?))
}

/// What of a window is still ahead.
fn ahead(window: Interval, now: Timestamp) -> Interval {
    Interval {
        start: window.start.max(now.milliseconds()),
        ..window
    }
}

fn around(window: Interval, now: Timestamp) -> Interval {
    ahead(window, now).widened(AROUND_MS, AROUND_MS)
}

/// Tasks that are named must be the person's.
fn check_named(named: Option<&[TaskId]>, found: &[TaskRow]) -> Result<(), Error> {
    let mut violations = Violations::default();
    for (place, id) in named.unwrap_or_default().iter().enumerate() {
        if !found.iter().any(|task| task.id == *id) {
            let pointer = format!("/task_ids/{place}");
            violations.add(
                &pointer,
                "no_such_task",
                "must be one of the person's tasks",
            );
        }
    }
    violations.into_result(())
}

/// More blocks than can be written at once are refused.
fn check_size(changes: &Changes) -> Result<(), Error> {
    if changes.add.len() + changes.moves.len() > MAX_BLOCKS {
        let detail = format!(
            "That would be more than {MAX_BLOCKS} blocks at once. Plan a shorter time, or \
             fewer tasks, or longer blocks."
        );
        return Err(Error::new(Kind::Conflict, "too_many_blocks", detail));
    }
    Ok(())
}

/// What is planned with.
struct Ground<'a> {
    user: &'a UserId,
    agenda: Agenda<'a>,
    tasks: Vec<TaskRow>,
    new: &'a NewPlan,
    now: Timestamp,
}

impl Ground<'_> {
    /// A task that has blocks and was deleted is one that will not be done.
    fn close_if_gone(&mut self, task: &TaskId) {
        if !self.tasks.iter().any(|row| row.id == *task) {
            self.tasks.push(TaskRow {
                id: task.clone(),
                title: String::new(),
                priority: delegate_core::analysis::Priority::Low,
                due_ms: None,
                duration_minutes: None,
                is_open: 0,
                version: 0,
            });
        }
    }

    /// What changes on a plan whose blocks stand like this.
    fn changes(&self, blocks: &[PlannedBlock]) -> Result<Changes, Error> {
        let window = ahead(self.new.window, self.now);
        let zone = self.agenda.zone();
        let busy = self
            .agenda
            .stretches(window.widened(AROUND_MS, AROUND_MS))?;
        let hours = self.agenda.hours.clone().unwrap_or_default();
        let free = free_time(&hours, zone, &self.agenda.away(), &busy, window);
        let tasks = self.tasks.iter().map(|task| PlanTask {
            id: task.id.clone(),
            priority: task.priority,
            due_ms: task.due_ms,
            duration_minutes: task
                .duration_minutes
                .unwrap_or(self.new.rules.usual_duration_minutes),
            is_open: task.is_open == 1,
        });
        Ok(plan(Input {
            tasks: &tasks.collect::<Vec<_>>(),
            free: &free,
            blocks,
            now_ms: self.now.milliseconds(),
            end_ms: window.end,
            rules: self.new.rules.of_blocks(),
        }))
    }

    /// What changes, as events and as it is answered. `standing` are the events of the blocks.
    fn blocks(
        &self,
        changes: Changes,
        standing: &BTreeMap<String, &Event>,
    ) -> Result<(Blocks, Plan), Error> {
        let zone = self.agenda.zone();
        let mut blocks = Blocks::default();
        for block in &changes.add {
            blocks.added.push(self.event(&block.task, block.interval)?);
            blocks.times.push(block.interval);
        }
        let placed = (changes.add.iter().map(|block| &block.task))
            .chain(changes.moves.iter().map(|moved| &moved.block.task));
        let read: BTreeMap<_, _> = (self.tasks.iter().map(|row| (&row.id, row.version))).collect();
        let tasks: BTreeMap<_, _> = placed
            .filter_map(|task| Some((task, *read.get(task)?)))
            .collect();
        blocks.tasks = tasks
            .into_iter()
            .map(|(task, version)| (task.clone(), version))
            .collect();
        for moved in &changes.moves {
            let Some(event) = standing.get(&moved.block.id) else {
                continue;
            };
            let (start, end) = civil_times(moved.to, zone);
            let patch = EventPatchInput {
                start: Some(start),
                end: Some(end),
                ..EventPatchInput::default()
            };
            blocks
                .moved
                .push((*event).clone().patched(patch, self.now)?);
            blocks.times.push(moved.to);
        }
        for (block, _) in &changes.remove {
            let event = standing.get(&block.id);
            blocks
                .removed
                .extend(event.map(|event| event.id.id.clone()));
        }
        let mut ids = blocks.added.iter().map(|event| event.id.to_string());
        let answered = Plan::of(changes, self.new.window, zone, |_| ids.next());
        Ok((blocks, answered))
    }

    /// The event that a new block is.
    fn event(&self, task: &TaskId, time: Interval) -> Result<Event, Error> {
        let (start, end) = civil_times(time, self.agenda.zone());
        let title = self.tasks.iter().find(|row| row.id == *task);
        let input = EventInput {
            summary: title.map_or_else(String::new, |row| row.title.clone()),
            start,
            end,
            calendar_id: None,
            description: None,
            location: None,
            recurrence: None,
            attendees: None,
            organizer: None,
            status: None,
            transparency: None,
            visibility: Some(Visibility::Private),
            reminders: None,
            conference_url: None,
            color: None,
        };
        let id = CalendarEventId::new(self.now, random::bytes()?);
        Ok(Event {
            origin: "plan".to_owned(),
            task_id: Some(task.clone()),
            ..input.into_event(self.user, id, self.now)?
        })
    }
}
