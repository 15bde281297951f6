//! The kind of a message: header facts first, then telling phrases, the heaviest kind wins.

use std::sync::LazyLock;

use super::kind_words::{DESKS, PHRASES, PITCHES, UNSPACED};
use super::people::Role;
use super::phrases::Openers;
use super::reading::{Line, Reading};
use super::request::{Form, Kind};
use super::words::Words;
use super::{AnalysisInput, Category, Reason, fraud};

/// A verdict on the kind, with what spoke for it.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// The kind.
    pub(super) category: Category,
    /// How sure, from 0 to 1.
    pub(super) confidence: f64,
    /// Why.
    pub(super) reasons: Vec<Reason>,
    /// How many points of fraud were found, also below the threshold.
    pub(super) fraud_points: u32,
}

const KINDS: [Category; 10] = [
    Category::Personal,
    Category::Meeting,
    Category::Task,
    Category::Newsletter,
    Category::Promotion,
    Category::Receipt,
    Category::Automatic,
    Category::Security,
    Category::Travel,
    Category::Spam,
];

/// Points for each kind.
#[derive(Debug, Default)]
struct Board {
    points: [u32; KINDS.len()],
    reasons: Vec<(Category, Reason)>,
}

impl Board {
    fn add(&mut self, category: Category, points: u32) {
        for (kind, total) in KINDS.iter().zip(&mut self.points) {
            if *kind == category {
                *total += points;
            }
        }
    }

    fn note(&mut self, category: Category, points: u32, code: &str, text: &str) {
        self.add(category, points);
        self.reasons.push((
            category,
            Reason {
                code: code.to_owned(),
                text: text.to_owned(),
            },
        ));
    }

    fn of(&self, category: Category) -> u32 {
        KINDS
            .iter()
            .zip(self.points)
            .find(|(kind, _)| **kind == category)
            .map_or(0, |(_, points)| points)
    }
}

/// Judges the kind of a message.
pub(super) fn category(input: &AnalysisInput<'_>, reading: &Reading<'_>) -> Verdict {
    let lines: Vec<&Words<'_>> = reading.lines.iter().map(|line| &line.words).collect();
    let (fraud_points, mut reasons) = fraud::points(input, reading);
    let by_reader = reading.people.role == Role::Author;
    if fraud_points >= fraud::THRESHOLD && !by_reader {
        let confidence = if fraud_points > fraud::THRESHOLD {
            0.9
        } else {
            0.75
        };
        return Verdict {
            category: Category::Spam,
            confidence,
            reasons,
            fraud_points,
        };
    }
    // Single weak signs are no news to a reader; doubts of the sender and planted text are.
    reasons.retain(|reason| {
        matches!(
            reason.code.as_str(),
            "doubtful_sender"
                | "lookalike_sender"
                | "account_changed"
                | "instruction_in_text"
                | "hidden_text"
                | "hidden_orders"
        )
    });
    let mut board = Board::default();
    headers(input, reading, &mut board);
    phrases(reading, &lines, &mut board);
    people(input, reading, &mut board);
    let (best, second) = leaders(&board);
    reasons.extend(
        board
            .reasons
            .iter()
            .filter(|(category, _)| *category == best)
            .map(|(_, reason)| reason.clone())
            .take(3),
    );
    let (top, next) = (f64::from(board.of(best)), f64::from(second));
    let confidence = (0.5 + 0.45 * (top - next) / (top + 2.0)).clamp(0.3, 0.95);
    Verdict {
        category: best,
        confidence: (confidence * 100.0).round() / 100.0,
        reasons,
        fraud_points,
    }
}

/// The kind with the most points and the points of the one behind it.
fn leaders(board: &Board) -> (Category, u32) {
    // Where points are equal the earlier one wins: the kinds that hide least from the reader.
    const ORDER: [Category; 9] = [
        Category::Security,
        Category::Task,
        Category::Meeting,
        Category::Personal,
        Category::Travel,
        Category::Receipt,
        Category::Automatic,
        Category::Promotion,
        Category::Newsletter,
    ];
    let mut best = (Category::Personal, 0);
    let mut second = 0;
    for kind in ORDER {
        let points = board.of(kind);
        if points > best.1 {
            second = best.1;
            best = (kind, points);
        } else {
            second = second.max(points);
        }
    }
    (best.0, second)
}

#[expect(clippy::too_many_lines, reason = "one paragraph for each header fact")]
fn headers(input: &AnalysisInput<'_>, reading: &Reading<'_>, board: &mut Board) {
    let signals = input.signals;
    if signals.calendar_method.is_some() {
        board.note(
            Category::Meeting,
            12,
            "calendar_part",
            "It carries a calendar invitation or answer.",
        );
    }
    if signals.is_bounce {
        board.note(
            Category::Automatic,
            14,
            "bounce",
            "It reports a failed delivery.",
        );
    }
    if signals.is_automatic {
        board.note(
            Category::Automatic,
            6,
            "automatic_header",
            "A machine sent it, says its header.",
        );
    }
    // Machines write of bookings, payments and sign-ins: what they write of is the kind.
    let local = local_part(input);
    if signals.is_automatic && !signals.is_bounce || takes_no_answers(&local) {
        for kind in [Category::Receipt, Category::Security, Category::Travel] {
            if mentions(reading, kind) {
                board.add(kind, 3);
            }
        }
    }
    if holds_one_time_code(reading) {
        board.note(
            Category::Security,
            7,
            "one_time_code",
            "It holds a code for signing in.",
        );
    }
    let is_talk = is_reply(input.subject);
    if reading.is_mass && !signals.has_unsubscribe && !signals.is_bulk {
        let points = if reading.greets_reader { 1 } else { 3 };
        board.note(
            Category::Newsletter,
            points,
            "written_for_many",
            "It reads as written for many.",
        );
        board.add(Category::Promotion, points - 1);
    }
    if signals.has_unsubscribe || (signals.is_bulk && !signals.is_automatic) {
        let points = if is_talk && signals.is_list { 1 } else { 5 };
        board.note(
            Category::Newsletter,
            points,
            "bulk_mail",
            "It went out in bulk and offers to unsubscribe.",
        );
        board.add(Category::Promotion, points.saturating_sub(1));
    }
    if let Some(kind) = desk(&local) {
        board.note(
            kind,
            3,
            "desk_sender",
            "Its sender is a desk that writes such mail.",
        );
    }
    let domain = input.from.map_or("", |from| {
        from.address
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain)
    });
    if takes_no_answers(&local) {
        board.note(
            Category::Automatic,
            4,
            "no_reply_sender",
            "Its sender takes no answers.",
        );
    } else if [
        "notification",
        "mailerdaemon",
        "postmaster",
        "jira",
        "github",
        "builds",
        "jenkins",
        "root",
        "cron",
        "monitor",
        "nagios",
        "zabbix",
        "grafana",
        "sentry",
        "scanner",
        "printer",
        "copier",
        "mfp",
        "robot",
        "system",
    ]
    .iter()
    .any(|mark| local.starts_with(mark))
    {
        board.note(
            Category::Automatic,
            4,
            "machine_sender",
            "Its sender is a machine's address.",
        );
    } else if local.contains("newsletter")
        || local == "news"
        || local == "digest"
        || domain.starts_with("news.")
    {
        board.note(
            Category::Newsletter,
            3,
            "newsletter_sender",
            "Its sender is a newsletter's address.",
        );
    } else if [
        "marketing",
        "offers",
        "deals",
        "promo",
        "promotions",
        "sales",
    ]
    .contains(&local.as_str())
        && signals.has_unsubscribe
    {
        board.note(
            Category::Promotion,
            3,
            "marketing_sender",
            "Its sender is a marketing address.",
        );
    }
}

/// Words that say yes to a time.
const ACCEPTANCES: &[&str] = &["fine", "works", "suits", "passt", "convient", "conviene"];

static ACCEPTING: LazyLock<Openers> = LazyLock::new(|| Openers::of(ACCEPTANCES.iter().copied()));

/// `Thursday 14:30 is fine`: a day, a time on the clock, and a yes.
fn agrees_to_time(words: &Words<'_>) -> bool {
    let any = |is: &dyn Fn(usize) -> bool| (0..words.len()).any(is);
    any(&|at| ACCEPTING.has(words.key(at)) && ACCEPTANCES.contains(&words.get(at)))
        && any(&|at| {
            crate::dates::is_weekday(words.get(at))
                || matches!(words.get(at), "tomorrow" | "morgen" | "demain" | "manana")
        })
        && any(&|at| {
            let digits = |at: usize| {
                (1..=2).contains(&words.get(at).len())
                    && words.get(at).bytes().all(|byte| byte.is_ascii_digit())
            };
            digits(at)
                && (words.gap_after(at) == ":" && digits(at + 1)
                    || matches!(words.get(at + 1), "am" | "pm" | "uhr" | "h"))
        })
}

/// Whether a request is one to say when to meet. One that wants it by a day is work.
pub(super) fn asks_for_a_time(line: &Line<'_>) -> bool {
    line.deadline.as_ref().is_none_or(|found| !found.firm)
        && PHRASES
            .all(&line.words)
            .any(|(_, _, (kind, points))| kind == Category::Meeting && points >= 3)
}

/// The sender's name before the `@`, letters and digits only.
fn local_part(input: &AnalysisInput<'_>) -> String {
    let address = input.from.map_or("", |from| from.address.as_str());
    let local = address.split('@').next().unwrap_or_default();
    local.chars().filter(|ch| ch.is_alphanumeric()).collect()
}

/// The kind that a desk with this name writes, if a desk has it.
fn desk(local: &str) -> Option<Category> {
    DESKS
        .iter()
        .find(|(_, names)| names.iter().any(|name| local.starts_with(name)))
        .map(|(kind, _)| *kind)
}

fn takes_no_answers(local: &str) -> bool {
    [
        "noreply",
        "donotreply",
        "nichtantworten",
        "nepasrepondre",
        "noresponder",
        "naoresponda",
    ]
    .iter()
    .any(|mark| local.contains(mark))
}

/// Words that come before a one-time code.
const CODE_WORDS: &[&str] = &[
    "code", "codes", "otp", "pin", "passcode", "tan", "kode", "codigo", "codice",
];

/// Words that make a code something else.
#[rustfmt::skip] // a table: packed, not one word a line
const OTHER_CODES: &[&str] = &[
    "promo", "discount", "coupon", "voucher", "gift", "zip", "postal", "area", "country", "dress",
    "source", "error", "exit", "status", "bar", "booking", "postleitzahl", "rabatt", "use",
    "review", "product", "item", "with",
];

/// How many words may stand between `code` and its digits (`code is: 493 027`).
const CODE_DISTANCE: usize = 4;

/// Whether a short message holds a code for signing in: `Your code: 493 027`.
fn holds_one_time_code(reading: &Reading<'_>) -> bool {
    const SHORT: usize = 15;
    if reading.lines.len() > SHORT {
        return false;
    }
    std::iter::once(&reading.subject)
        .chain(reading.lines.iter().map(|line| &line.words))
        .any(|words| {
            (0..words.len()).any(|at| {
                CODE_WORDS.contains(&words.get(at))
                    && !OTHER_CODES.contains(&words.before(at))
                    && (1..=CODE_DISTANCE).any(|ahead| is_code(words, at + ahead))
            })
        })
}

/// Four to eight digits, in one group or in two of three or four.
fn is_code(words: &Words<'_>, at: usize) -> bool {
    let is_number = |word: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (word, next) = (words.get(at), words.get(at + 1));
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    (is_number(word, 4..=8) && !is_year)
        || (is_number(word, 3..=4)
            && next.len() == word.len()
            && is_number(next, 3..=4)
            && matches!(words.gap_after(at), " " | "-"))
}

/// Whether the message mentions what a kind is about.
fn mentions(reading: &Reading<'_>, kind: Category) -> bool {
    std::iter::once(&reading.subject)
        .chain(reading.lines.iter().map(|line| &line.words).take(20))
        .any(|words| PHRASES.all(words).any(|(_, _, (found, _))| found == kind))
}

fn phrases(reading: &Reading<'_>, lines: &[&Words<'_>], board: &mut Board) {
    let mut sums = [0_u32; KINDS.len()];
    let mut tally = |words: &Words<'_>, times: u32, most: u32| {
        let mut here = [0_u32; KINDS.len()];
        for (at, _, (found, points)) in PHRASES.all(words) {
            // `off` alone is English; `30% off` sells.
            let sells = words.get(at) != "off"
                || words.before(at).bytes().all(|byte| byte.is_ascii_digit()) && at > 0;
            for (kind, sum) in KINDS.iter().zip(&mut here) {
                if *kind == found && sells {
                    *sum += points * times;
                }
            }
        }
        if words.has_unspaced() {
            for (kind, marks) in UNSPACED {
                let count = marks
                    .iter()
                    .filter(|mark| words.piece().contains(**mark))
                    .count();
                for (entry, sum) in KINDS.iter().zip(&mut here) {
                    if entry == kind {
                        *sum += u32::try_from(count).unwrap_or(0) * 4 * times;
                    }
                }
            }
        }
        for (sum, here) in sums.iter_mut().zip(here) {
            *sum = (*sum + here.min(most)).min(12);
        }
    };
    tally(&reading.subject, 2, 8);
    for words in lines.iter().take(60) {
        tally(words, 1, 5);
    }
    let length = lines.len();
    for (kind, sum) in KINDS.into_iter().zip(sums) {
        if sum == 0 {
            continue;
        }
        // Without a foot to unsubscribe at, talk of sales and issues is mostly just talk.
        let sells = matches!(kind, Category::Promotion | Category::Newsletter);
        let sum = if sells && !reading.is_mass && reading.people.role != Role::Absent {
            sum / 2
        } else {
            sum
        };
        // In a long text a phrase in passing means less.
        let sum = if length > 25 && sum <= 4 {
            sum / 2
        } else {
            sum
        };
        let (code, text) = match kind {
            Category::Meeting => ("meeting_words", "It talks about when to meet."),
            Category::Newsletter => ("newsletter_words", "It reads like a newsletter."),
            Category::Promotion => ("promotion_words", "It advertises something."),
            Category::Receipt => (
                "receipt_words",
                "It is about a bill, an order or a payment.",
            ),
            Category::Automatic => ("automatic_words", "It reads like an automatic notice."),
            Category::Security => (
                "security_words",
                "It is about signing in or an account's safety.",
            ),
            Category::Travel => ("travel_words", "It is about a booking or a journey."),
            Category::Personal | Category::Task | Category::Spam => continue,
        };
        board.note(kind, sum, code, text);
    }
}

fn people(input: &AnalysisInput<'_>, reading: &Reading<'_>, board: &mut Board) {
    let signals = input.signals;
    let machine = signals.is_automatic
        || signals.is_bounce
        || signals.is_bulk
        || signals.has_unsubscribe
        || board.of(Category::Automatic) >= 4;
    let is_talk = is_reply(input.subject);
    let local = local_part(input);
    let by_desk = desk(&local).is_some() || takes_no_answers(&local);
    if !machine || (is_talk && signals.is_list) {
        board.note(
            Category::Personal,
            if by_desk { 1 } else { 2 },
            "person_to_person",
            "A person wrote it.",
        );
        if !by_desk && (is_talk || reading.greets_reader) {
            board.add(Category::Personal, 1);
        }
        let asked = reading
            .lines
            .iter()
            .filter(|line| {
                line.counts_as_request()
                    && !asks_for_a_time(line)
                    && !(reading.is_mass && line.act.is_some_and(|act| act.form == Form::Bare))
            })
            .count();
        // What the reader writes keeps its kind, whatever it asks or promises.
        if asked > 0 && reading.people.role != Role::Author {
            // What a desk asks for is mostly part of its trade: a click, a payment, a seat.
            let points = match asked {
                _ if by_desk => 3,
                1 => 5,
                _ => 6,
            };
            board.note(
                Category::Task,
                points,
                "asks_for_something",
                "It asks for something.",
            );
        }
        if reading.people.role == Role::Author
            && reading
                .lines
                .iter()
                .any(|line| line.is(Kind::Commitment) && !line.planted)
        {
            board.note(
                Category::Personal,
                0,
                "promises_something",
                "You promise something in it.",
            );
        }
        let lines = reading.lines.iter().map(|line| &line.words);
        let meets = reading
            .lines
            .iter()
            .filter(|line| line.is(Kind::Proposal))
            .count();
        if meets > 0 && board.of(Category::Meeting) > 0 {
            board.add(Category::Meeting, 4);
        }
        if lines.clone().any(agrees_to_time) {
            board.note(
                Category::Meeting,
                5,
                "agrees_to_time",
                "It settles when to meet.",
            );
        }
        // What people write to each other mentions bills and sales without being one.
        for kind in [
            Category::Receipt,
            Category::Promotion,
            Category::Automatic,
            Category::Newsletter,
            Category::Security,
            Category::Travel,
        ] {
            let points = board.of(kind);
            if points > 0 && !by_desk && (is_talk || reading.greets_reader || asked > 0) {
                let cut = (points / 2).min(4);
                for (entry, total) in KINDS.iter().zip(&mut board.points) {
                    if *entry == kind {
                        *total -= cut;
                    }
                }
            }
        }
        if reading.people.role != Role::Author && pitches(reading) {
            board.note(
                Category::Promotion,
                9,
                "sales_pitch",
                "It reads like a sales pitch.",
            );
        }
    }
}

/// Whether a stranger offers something: phrases that only salespeople and recruiters put together.
fn pitches(reading: &Reading<'_>) -> bool {
    let lines = reading.lines.iter().map(|line| &line.words);
    std::iter::once(&reading.subject)
        .chain(lines)
        .take(MOST_PITCH_LINES)
        .map(|words| PITCHES.all(words).count())
        .sum::<usize>()
        >= LEAST_PITCHES
}

/// How many sentences a pitch is looked for in.
const MOST_PITCH_LINES: usize = 30;

/// How many phrases make a pitch.
const LEAST_PITCHES: usize = 2;

/// Whether a subject says that the message is a reply or forwarded.
pub(super) fn is_reply(subject: &str) -> bool {
    let subject = subject.trim_start();
    [
        "re:", "aw:", "sv:", "antw:", "rif:", "fw:", "fwd:", "wg:", "tr:", "rv:", "res:",
    ]
    .iter()
    .any(|prefix| {
        subject
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}
