use std::cmp::Reverse;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

const HOUR: i64 = 60 * MINUTE_MS;
/// An hour at which everything begins, so that numbers stay small.
const START: i64 = 1_772_616_000_000 - 1_772_616_000_000 % (24 * HOUR);

const RULES: Rules = Rules {
    longest_block_minutes: 120,
    shortest_block_minutes: None,
    break_minutes: 0,
    notice_minutes: 0,
    step_minutes: 15,
};

const SPLIT: Rules = Rules {
    shortest_block_minutes: Some(30),
    ..RULES
};

fn id(number: u8) -> TaskId {
    TaskId::new(Timestamp::from_milliseconds(START), [number; 10])
}

/// A task of some minutes, due some hours after the start.
fn task(number: u8, priority: Priority, due_hours: Option<i64>, minutes: u32) -> PlanTask {
    PlanTask {
        id: id(number),
        priority,
        due_ms: due_hours.map(|hours| START + hours * HOUR),
        duration_minutes: minutes,
        is_open: true,
    }
}

/// A stretch from some minutes after the start to some others.
fn minutes(from: i64, to: i64) -> Interval {
    Interval {
        start: START + from * MINUTE_MS,
        end: START + to * MINUTE_MS,
    }
}

fn free(stretches: &[(i64, i64)]) -> IntervalSet {
    stretches
        .iter()
        .map(|(from, to)| minutes(*from, *to))
        .collect()
}

fn block(name: &str, number: u8, from: i64, to: i64) -> PlannedBlock {
    PlannedBlock {
        id: name.to_owned(),
        task: id(number),
        interval: minutes(from, to),
        is_fixed: false,
    }
}

fn planned(
    tasks: &[PlanTask],
    free: &IntervalSet,
    blocks: &[PlannedBlock],
    rules: Rules,
) -> Changes {
    plan(Input {
        tasks,
        free,
        blocks,
        now_ms: START - MINUTE_MS,
        end_ms: START + 200 * HOUR,
        rules,
    })
}

/// Every block that a plan leads to: the task's number and its minutes after the start.
fn result(changes: &Changes) -> Vec<(u8, i64, i64)> {
    let number = |task: &TaskId| (0..=255).find(|number| id(*number) == *task).unwrap_or(0);
    let kept = changes
        .keep
        .iter()
        .map(|block| (&block.task, block.interval));
    let added = changes
        .add
        .iter()
        .map(|block| (&block.task, block.interval));
    let moved = changes
        .moves
        .iter()
        .map(|moved| (&moved.block.task, moved.to));
    let mut all: Vec<(u8, i64, i64)> = kept
        .chain(added)
        .chain(moved)
        .map(|(task, interval)| {
            (
                number(task),
                (interval.start - START) / MINUTE_MS,
                (interval.end - START) / MINUTE_MS,
            )
        })
        .collect();
    all.sort_by_key(|(_, from, _)| *from);
    all
}

use Priority::{High, Low, Medium, Urgent};

#[test]
fn tasks_are_placed_by_priority_and_then_by_due_time() {
    let tasks = [
        task(1, Low, Some(2), 60),
        task(2, Urgent, None, 60),
        task(3, Urgent, Some(100), 60),
        task(4, Low, None, 60),
    ];
    let changes = planned(&tasks, &free(&[(0, 240)]), &[], RULES);
    assert!(changes.unplaced.is_empty());
    // The urgent one without a due time waits for the one that has one, and the low one, which would
    // be late, goes before both of them, since they still fit.
    assert_eq!(
        result(&changes),
        [(3, 0, 60), (1, 60, 120), (2, 120, 180), (4, 180, 240)]
    );
}

#[test]
fn who_is_due_later_makes_room_if_it_still_fits() {
    let tasks = [task(1, Urgent, Some(100), 120), task(2, Low, Some(2), 120)];
    let changes = planned(&tasks, &free(&[(0, 240)]), &[], RULES);
    assert_eq!(result(&changes), [(2, 0, 120), (1, 120, 240)]);
}

#[test]
fn who_ranks_lower_goes_when_not_all_fit() {
    let tasks = [
        task(1, Low, Some(2), 60),
        task(2, High, Some(2), 60),
        task(3, Medium, Some(2), 60),
    ];
    let changes = planned(&tasks, &free(&[(0, 120)]), &[], RULES);
    assert_eq!(result(&changes), [(2, 0, 60), (3, 60, 120)]);
    assert_eq!(changes.unplaced.len(), 1);
    assert_eq!(changes.unplaced[0].reason, Reason::NoTimeBeforeDue);
    assert_eq!(changes.unplaced[0].free_minutes, 0);
}

#[test]
fn a_new_urgent_task_takes_the_place_of_the_lowest_and_the_rest_stays() {
    let tasks = [
        task(1, Low, Some(3), 60),
        task(2, Medium, Some(3), 60),
        task(3, High, Some(3), 60),
        task(9, Urgent, Some(3), 60),
    ];
    let blocks = [
        block("one", 1, 0, 60),
        block("two", 2, 60, 120),
        block("three", 3, 120, 180),
    ];
    let changes = planned(&tasks, &free(&[(0, 180)]), &blocks, RULES);
    assert_eq!(result(&changes), [(9, 0, 60), (2, 60, 120), (3, 120, 180)]);
    assert_eq!(changes.remove, [(blocks[0].clone(), Removal::NoTime)]);
}

#[test]
fn a_meeting_that_lands_on_a_block_moves_that_block_and_keeps_its_identity() {
    let tasks = [
        task(1, Medium, None, 60),
        task(2, Medium, None, 60),
        task(3, Medium, None, 60),
    ];
    let blocks = [
        block("one", 1, 0, 60),
        block("two", 2, 60, 120),
        block("three", 3, 120, 180),
    ];
    // A meeting from minute 75 to 90.
    let changes = planned(&tasks, &free(&[(0, 75), (90, 600)]), &blocks, RULES);
    assert_eq!(changes.keep, [blocks[0].clone(), blocks[2].clone()]);
    let moved = Move {
        block: blocks[1].clone(),
        to: minutes(180, 240),
    };
    assert_eq!(changes.moves, [moved]);
    assert!(changes.add.is_empty() && changes.remove.is_empty() && changes.unplaced.is_empty());
}

#[test]
fn what_began_is_never_touched_and_counts_as_worked() {
    let tasks = [task(1, Medium, None, 90)];
    let blocks = [block("begun", 1, -30, 30)];
    // Nothing is free where it stands: it stays all the same.
    let changes = planned(&tasks, &free(&[(60, 240)]), &blocks, SPLIT);
    assert_eq!(changes.keep, blocks);
    assert_eq!(result(&changes), [(1, -30, 30), (1, 60, 90)]);
}

#[test]
fn a_task_whose_time_is_over_and_that_is_not_done_is_reported() {
    let tasks = [task(1, Medium, None, 60)];
    let changes = planned(
        &tasks,
        &free(&[(60, 240)]),
        &[block("over", 1, -90, -30)],
        RULES,
    );
    assert_eq!(changes.unplaced[0].reason, Reason::TimeUsedUp);
}

#[test]
fn a_task_that_is_closed_loses_what_has_not_begun() {
    let mut done = task(1, Medium, None, 60);
    done.is_open = false;
    let blocks = [block("begun", 1, -30, 30), block("later", 1, 60, 120)];
    let changes = planned(&[done], &free(&[(0, 240)]), &blocks, RULES);
    assert_eq!(changes.keep, [blocks[0].clone()]);
    assert_eq!(changes.remove, [(blocks[1].clone(), Removal::TaskClosed)]);
}

#[test]
fn a_block_of_a_task_that_is_not_planned_stays_and_its_time_is_taken() {
    let blocks = [block("foreign", 7, 0, 60)];
    let changes = planned(
        &[task(1, Urgent, None, 60)],
        &free(&[(0, 120)]),
        &blocks,
        RULES,
    );
    assert_eq!(changes.keep, blocks);
    assert_eq!(result(&changes), [(7, 0, 60), (1, 60, 120)]);
}

#[test]
fn a_task_is_split_only_where_the_rules_allow_it() {
    let tasks = [task(1, Medium, None, 180)];
    let gaps = free(&[(0, 60), (90, 150), (200, 300)]);
    let whole = planned(&tasks, &gaps, &[], RULES);
    assert_eq!(whole.unplaced[0].reason, Reason::LongerThanABlock);
    assert!(whole.unplaced[0].splitting_helps);
    let split = planned(&tasks, &gaps, &[], SPLIT);
    assert_eq!(result(&split), [(1, 0, 60), (1, 90, 150), (1, 210, 270)]);
}

#[test]
fn a_task_that_fits_in_one_piece_is_not_split() {
    let tasks = [task(1, Medium, None, 60)];
    let changes = planned(&tasks, &free(&[(0, 30), (60, 90), (120, 180)]), &[], SPLIT);
    assert_eq!(result(&changes), [(1, 120, 180)]);
}

#[test]
fn no_piece_is_shorter_than_allowed() {
    // Two hours and ten minutes: not two hours and a piece of ten minutes.
    let changes = planned(
        &[task(1, Medium, None, 130)],
        &free(&[(0, 600)]),
        &[],
        SPLIT,
    );
    assert_eq!(result(&changes), [(1, 0, 100), (1, 105, 135)]);
}

#[test]
fn breaks_and_notice_are_kept() {
    let rules = Rules {
        break_minutes: 15,
        notice_minutes: 50,
        ..RULES
    };
    let tasks = [task(1, High, None, 60), task(2, Low, None, 60)];
    let changes = planned(&tasks, &free(&[(0, 600)]), &[], rules);
    assert_eq!(result(&changes), [(1, 60, 120), (2, 135, 195)]);
}

#[test]
fn a_due_time_that_came_nearer_moves_the_block() {
    let blocks = [block("late", 1, 300, 360)];
    let changes = planned(
        &[task(1, Medium, Some(2), 60)],
        &free(&[(0, 600)]),
        &blocks,
        RULES,
    );
    assert_eq!(changes.moves.len(), 1);
    assert_eq!(result(&changes), [(1, 0, 60)]);
}

#[test]
fn a_task_that_takes_longer_now_is_placed_anew_or_gets_a_piece_more() {
    let blocks = [block("short", 1, 60, 120)];
    let tasks = [task(1, Medium, None, 90)];
    let anew = planned(&tasks, &free(&[(0, 600)]), &blocks, RULES);
    assert_eq!(result(&anew), [(1, 0, 90)]);
    assert_eq!(anew.moves.len(), 1);
    let more = planned(&tasks, &free(&[(0, 600)]), &blocks, SPLIT);
    assert_eq!(result(&more), [(1, 0, 30), (1, 60, 120)]);
}

#[test]
fn an_overdue_task_is_told_when_it_could_be_done() {
    let changes = planned(
        &[task(1, Urgent, Some(-1), 60)],
        &free(&[(60, 600)]),
        &[],
        RULES,
    );
    assert_eq!(changes.unplaced[0].reason, Reason::Overdue);
    assert_eq!(changes.unplaced[0].first_fit, Some(minutes(60, 120)));
}

fn some_rules() -> impl Strategy<Value = Rules> {
    (1..5_u32, prop::option::of(Just(2_u32)), 0..2_u32, 0..4_u32).prop_map(
        |(longest, shortest, pause, notice)| Rules {
            longest_block_minutes: longest.max(2) * 15,
            shortest_block_minutes: shortest.map(|quarters| quarters * 15),
            break_minutes: pause * 15,
            notice_minutes: notice * 15,
            step_minutes: 15,
        },
    )
}

fn some_tasks() -> impl Strategy<Value = Vec<PlanTask>> {
    let priority = prop::sample::select(vec![Low, Medium, High, Urgent]);
    let one = (
        priority,
        prop::option::of(1..14_i64),
        1..9_u32,
        prop::bool::weighted(0.9),
    );
    prop::collection::vec(one, 0..9).prop_map(|tasks| {
        (1..)
            .zip(tasks)
            .map(|(number, (priority, due, quarters, is_open))| PlanTask {
                is_open,
                ..task(number, priority, due, quarters * 15)
            })
            .collect()
    })
}

fn some_free() -> impl Strategy<Value = IntervalSet> {
    let one = (0..60_i64, 1..12_i64);
    prop::collection::vec(one, 0..7).prop_map(|stretches| {
        stretches
            .into_iter()
            .map(|(from, length)| minutes(from * 15, (from + length) * 15))
            .collect()
    })
}

/// The blocks after a plan, new ones with names of their own.
fn applied(changes: &Changes) -> Vec<PlannedBlock> {
    let mut blocks = changes.keep.clone();
    blocks.extend(changes.moves.iter().map(|moved| PlannedBlock {
        interval: moved.to,
        ..moved.block.clone()
    }));
    let new = changes.add.iter().map(|new| PlannedBlock {
        id: format!("{}{}", new.task, new.interval.start),
        task: new.task.clone(),
        interval: new.interval,
        is_fixed: false,
    });
    blocks.extend(new);
    blocks
}

fn check_laws(
    tasks: &[PlanTask],
    free: &IntervalSet,
    before: &[PlannedBlock],
    rules: Rules,
    changes: &Changes,
    now_ms: i64,
    end_ms: i64,
) -> Result<(), TestCaseError> {
    let pause = i64::from(rules.break_minutes) * MINUTE_MS;
    let mut blocks = applied(changes);
    blocks.sort_by_key(|block| block.interval.start);
    let mut placed: BTreeMap<&TaskId, i64> = BTreeMap::new();
    for block in &blocks {
        let begun = block.interval.start <= now_ms;
        *placed.entry(&block.task).or_default() += block.interval.length();
        let Some(task) = tasks.iter().find(|task| task.id == block.task) else {
            continue;
        };
        if begun {
            continue;
        }
        prop_assert!(free.covers(block.interval), "in free time");
        prop_assert!(
            block.interval.end <= task.due_ms.unwrap_or(i64::MAX).min(end_ms),
            "before it is due"
        );
        prop_assert!(task.is_open);
        prop_assert!(block.interval.length() <= i64::from(rules.longest_block_minutes) * MINUTE_MS);
    }
    for pair in blocks.windows(2) {
        let [one, two] = pair else { continue };
        prop_assert!(
            one.interval.end + pause <= two.interval.start || two.interval.start <= now_ms,
            "apart"
        );
    }
    for block in changes
        .add
        .iter()
        .map(|new| new.interval)
        .chain(changes.moves.iter().map(|moved| moved.to))
    {
        prop_assert!(block.start >= now_ms + i64::from(rules.notice_minutes) * MINUTE_MS);
    }
    for task in tasks.iter().filter(|task| task.is_open) {
        let length = i64::from(task.duration_minutes) * MINUTE_MS;
        let got = placed.get(&task.id).copied().unwrap_or(0);
        match changes
            .unplaced
            .iter()
            .find(|unplaced| unplaced.task == task.id)
        {
            Some(unplaced) if unplaced.reason == Reason::TimeUsedUp => prop_assert!(got >= length),
            Some(unplaced) => prop_assert_eq!(
                i64::from(unplaced.missing_minutes) * MINUTE_MS,
                length - got
            ),
            None => prop_assert_eq!(got, length),
        }
    }
    for block in before.iter().filter(|block| block.interval.start <= now_ms) {
        prop_assert!(changes.keep.contains(block), "what began stays");
    }
    // Every block of before is somewhere, once.
    let count = changes.keep.len() + changes.moves.len() + changes.remove.len();
    prop_assert_eq!(count, before.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_plan_keeps_the_laws_and_planning_again_changes_nothing(
        tasks in some_tasks(), free in some_free(), rules in some_rules(),
        busy in (0..60_i64, 1..6_i64), later in 0..20_i64,
    ) {
        let (before, end_ms) = (START - MINUTE_MS, START + 20 * HOUR);
        let of = |free: &IntervalSet, blocks: &[PlannedBlock], now_ms: i64| plan(Input { tasks: &tasks, free, blocks, now_ms, end_ms, rules });
        let first = of(&free, &[], before);
        check_laws(&tasks, &free, &[], rules, &first, before, end_ms)?;
        // An unchanged world: no block has begun.
        let blocks = applied(&first);
        let again = of(&free, &blocks, before);
        prop_assert_eq!((again.add.len(), again.moves.len(), again.remove.len()), (0, 0, 0), "{:?}", again);
        // A meeting lands somewhere, and some time goes by.
        let meeting: IntervalSet = [minutes(busy.0 * 15, (busy.0 + busy.1) * 15)].into_iter().collect();
        let left = free.difference(&meeting);
        let now = before + later * 15 * MINUTE_MS;
        let second = of(&left, &blocks, now);
        check_laws(&tasks, &left, &blocks, rules, &second, now, end_ms)?;
        let third = of(&left, &applied(&second), now);
        prop_assert_eq!((third.add.len(), third.moves.len(), third.remove.len()), (0, 0, 0), "{:?}\n{:?}", second, third);
    }

    #[test]
    fn a_meeting_moves_nothing_that_it_does_not_have_to(
        tasks in some_tasks(), free in some_free(), rules in some_rules(), busy in (0..60_i64, 1..6_i64),
    ) {
        let first = planned(&tasks, &free, &[], rules);
        if !first.unplaced.is_empty() {
            return Ok(());
        }
        let blocks = applied(&first);
        let meeting = minutes(busy.0 * 15, (busy.0 + busy.1) * 15);
        let left = free.difference(&[meeting].into_iter().collect());
        let hit = |task: &TaskId| blocks.iter().any(|block| block.task == *task && block.interval.overlaps(meeting));
        // With all that was not hit nailed down there is a place for what was: so all of that stays.
        let (moving, nailed): (Vec<PlanTask>, Vec<PlanTask>) = tasks.iter().cloned().partition(|task| hit(&task.id));
        let alone = planned(&moving, &left, &blocks, rules);
        if !alone.unplaced.is_empty() {
            return Ok(());
        }
        let second = planned(&tasks, &left, &blocks, rules);
        for block in blocks.iter().filter(|block| nailed.iter().any(|task| task.id == block.task)) {
            prop_assert!(second.keep.contains(block), "{:?}", second);
        }
    }

    #[test]
    fn no_task_is_without_a_place_because_of_one_of_lower_rank(tasks in some_tasks(), free in some_free()) {
        let changes = planned(&tasks, &free, &[], RULES);
        for unplaced in &changes.unplaced {
            let Some(task) = tasks.iter().find(|task| task.id == unplaced.task) else { continue };
            let rank = |task: &PlanTask| (Reverse(task.priority), task.due_ms.unwrap_or(i64::MAX), task.id.clone());
            let above: IntervalSet = applied(&changes)
                .iter()
                .filter(|block| tasks.iter().any(|other| other.id == block.task && rank(other) < rank(task)))
                .map(|block| block.interval)
                .collect();
            let window = Interval { start: START, end: task.due_ms.unwrap_or(i64::MAX) };
            let length = i64::from(task.duration_minutes) * MINUTE_MS;
            let room = free.clipped(window).difference(&above);
            prop_assert!(task.duration_minutes > 120 || room.iter().all(|stretch| stretch.length() < length));
        }
    }
}

#[test]
fn a_block_that_the_person_fixed_stays_and_counts_as_its_task_s_time() {
    let tasks = [
        task(1, Priority::High, None, 60),
        task(2, Priority::Low, None, 60),
    ];
    let fixed = PlannedBlock {
        is_fixed: true,
        ..block("a", 1, 600, 660)
    };
    // It lies where nothing is free, and the rest of its task finds a place.
    let time = free(&[(0, 120)]);
    let changes = planned(&tasks, &time, std::slice::from_ref(&fixed), RULES);
    assert_eq!(changes.keep, std::slice::from_ref(&fixed));
    assert_eq!(changes.add.len(), 1);
    assert_eq!(changes.add[0].task, id(2));
    assert!(changes.unplaced.is_empty(), "{:?}", changes.unplaced);
    let longer = [task(1, Priority::High, None, 90)];
    let changes = planned(&longer, &time, std::slice::from_ref(&fixed), SPLIT);
    assert_eq!(changes.keep, [fixed]);
    assert_eq!(changes.add.len(), 1);
    assert_eq!(changes.add[0].interval, minutes(0, 30));
}
