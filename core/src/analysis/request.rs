//! What a sentence asks, proposes or promises, and where in it the action starts.
//!
//! [`act`] answers for one sentence alone. Whose work follows from it is [`super::people`]'s
//! question, whether it is worth a task [`super::task`]'s.

use super::act::{CUES, Cue, NOUN_VERBS, PLAIN_VERBS, WORK_VERBS};
use super::words::Words;

/// The kind of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The author asks somebody to do something.
    Request,
    /// The author proposes to do something together.
    Proposal,
    /// The author promises to do something.
    Commitment,
    /// The author wants to know something.
    Question,
    /// A set phrase: it sounds like a request, and nobody waits.
    Courtesy,
    /// A call to click, buy or unsubscribe.
    Click,
}

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Act {
    /// What kind of act it is.
    pub(super) kind: Kind,
    /// The word the action starts with (`send` in `could you please send`).
    pub(super) action: usize,
    /// How sure, from 0 to 1.
    pub(super) confidence: f64,
}

/// What stands before a sentence's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    /// The first word after greeting, names and connectives.
    pub(super) start: usize,
    /// The words that name whom the sentence is for: from, and up to but not including.
    pub(super) addressee: Option<(usize, usize)>,
    /// Whether a greeting came first, so that the name is the whole message's addressee.
    pub(super) greets: bool,
}

/// Words that may stand before an imperative without changing it.
const CONNECTIVES: &[&str] = &[
    "also",
    "and",
    "so",
    "but",
    "then",
    "ok",
    "okay",
    "well",
    "now",
    "again",
    "finally",
    "first",
    "firstly",
    "second",
    "secondly",
    "third",
    "lastly",
    "otherwise",
    "meanwhile",
    "however",
    "instead",
    "just",
    "fyi",
    "ps",
    "thanks",
    "sorry",
    "anyway",
    "plus",
    "additionally",
    "next",
    "yes",
    "no",
    "sure",
    "great",
    "perfect",
    "therefore",
    "thus",
    "actually",
    "btw",
    "urgent",
    "reminder",
    "important",
    "action",
    "required",
    "todo",
    "hinweis",
    "todos",
    "re",
    "und",
    "aber",
    "dann",
    "also",
    "ja",
    "nein",
    "et",
    "mais",
    "donc",
    "alors",
    "oui",
    "y",
    "pero",
    "entonces",
    "si",
    "always",
    "immediately",
    "quickly",
    "maybe",
];

const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "hallo",
    "liebe",
    "lieber",
    "bonjour",
    "salut",
    "cher",
    "chere",
    "hola",
    "querido",
    "querida",
    "estimado",
    "estimada",
    "ciao",
    "ola",
    "moin",
    "morning",
    "afternoon",
    "evening",
];

/// Capitalised words that open a sentence and name nobody.
const NOT_NAMES: &[&str] = &[
    "yes",
    "no",
    "ok",
    "okay",
    "thanks",
    "thank",
    "also",
    "however",
    "please",
    "sorry",
    "first",
    "second",
    "finally",
    "today",
    "tomorrow",
    "then",
    "well",
    "so",
    "now",
    "again",
    "if",
    "when",
    "as",
    "in",
    "on",
    "at",
    "for",
    "and",
    "but",
    "or",
    "the",
    "this",
    "that",
    "it",
    "we",
    "i",
    "you",
    "he",
    "she",
    "they",
    "there",
    "here",
    "what",
    "how",
    "why",
    "who",
    "just",
    "subject",
    "date",
    "time",
    "where",
    "note",
    "reminder",
    "question",
    "update",
    "hi",
    "hello",
    "hey",
    "dear",
    "good",
    "great",
    "sure",
    "otherwise",
    "meanwhile",
    "instead",
    "anyway",
    "unfortunately",
    "actually",
    "obviously",
    "basically",
    "hopefully",
    "once",
    "since",
    "after",
    "before",
    "bitte",
    "danke",
    "ja",
    "nein",
    "merci",
    "oui",
    "non",
    "gracias",
    "si",
    "urgent",
    "important",
    "fyi",
    "ps",
    "asap",
    "action",
    "agenda",
    "todo",
    "to",
    "from",
    "cc",
    "re",
    "additionally",
    "furthermore",
];

/// Finds where a sentence's own words start.
pub(super) fn head(words: &Words<'_>) -> Head {
    let mut head = Head::default();
    // Three connectives or names in a row are many; more is no sentence.
    for _ in 0..4 {
        let at = head.start;
        if GREETINGS.contains(&words.get(at))
            && !words.is_capital(at + 2) | words.gap_after(at + 1).contains(',')
        {
            head.greets = true;
            head.start = at + 1;
            continue;
        }
        if let Some(end) = vocative(words, at, head.greets) {
            head.addressee = Some((at, end));
            head.start = end;
            continue;
        }
        if words.get(at) == "good" && GREETINGS.contains(&words.get(at + 1)) {
            head.greets = true;
            head.start = at + 2;
            continue;
        }
        if CONNECTIVES.contains(&words.get(at)) && at + 1 < words.len() {
            head.start = at + 1;
            continue;
        }
        break;
    }
    head
}

/// Where names that open a sentence end: `Raj, can you`, `@raj can you`, `Raj and Tom - please`.
fn vocative(words: &Words<'_>, at: usize, greeted: bool) -> Option<usize> {
    if at >= words.len() {
        return None;
    }
    let mention = words
        .piece()
        .get(..words.span(at).start.saturating_sub(words.range().start))
        .is_some_and(|before| before.ends_with('@'));
    let mut end = at;
    for _ in 0..5 {
        let name = words.get(end);
        let known = !NOT_NAMES.contains(&name)
            && !super::deadline::is_month(name)
            && !super::deadline::is_weekday(name)
            && !PLAIN_VERBS.contains(&name)
            && name.chars().all(char::is_alphabetic)
            && name.len() >= 2;
        if !known || !(words.is_capital(end) || mention || greeted) {
            return None;
        }
        end += 1;
        let gap = words.gap_after(end - 1);
        if mention && gap.starts_with(' ') && !gap.contains('@') {
            return Some(end);
        }
        if matches!(words.get(end), "and" | "und" | "et" | "y")
            || gap.trim() == "&"
            || gap.trim() == "/"
        {
            end += usize::from(matches!(words.get(end), "and" | "und" | "et" | "y"));
            continue;
        }
        if gap.contains(',')
            || gap.contains(':')
            || gap.contains(" -")
            || gap.contains('–')
            || gap.contains('—')
            || gap.contains('\n')
            || gap.contains('!')
        {
            // `Raj, Tom, can you`
            let next_is_name = gap.contains(',')
                && words.is_capital(end)
                && words.gap_after(end).contains(',')
                && !CONNECTIVES.contains(&words.get(end))
                && !NOT_NAMES.contains(&words.get(end));
            if next_is_name {
                continue;
            }
            return Some(end);
        }
        if words.get(end).is_empty() {
            return greeted.then_some(end);
        }
        if !words.is_capital(end) {
            return None;
        }
    }
    None
}

/// What a sentence does, if it does anything.
pub(super) fn act(words: &Words<'_>, head: Head) -> Option<Act> {
    if words.len() == 0 {
        return None;
    }
    if words.piece().chars().any(super::words::is_unspaced)
        && let Some(act) = wide(words)
    {
        return Some(act);
    }
    let question = words
        .piece()
        .trim_end_matches(['"', '\'', ')', ' ', '”'])
        .ends_with(['?', '？']);
    let mut best: Option<Act> = None;
    let mut courtesy: Option<Act> = None;
    let mut click: Option<Act> = None;
    let mut told = false;
    for (at, length, cue) in CUES.all(words) {
        let at_head = at <= head.start + 1;
        match cue {
            Cue::Courtesy => {
                courtesy.get_or_insert(Act {
                    kind: Kind::Courtesy,
                    action: at,
                    confidence: 0.7,
                });
                continue;
            }
            Cue::Click => {
                click.get_or_insert(Act {
                    kind: Kind::Click,
                    action: at,
                    confidence: 0.7,
                });
                continue;
            }
            Cue::Told => {
                told = true;
                continue;
            }
            _ => {}
        }
        let found = from_cue(words, at, length, cue, question, at_head);
        if let Some(found) = found
            && best.is_none_or(|best| found.confidence > best.confidence)
        {
            best = Some(found);
        }
    }
    let imperative = imperative(words, head.start).or_else(|| after_condition(words));
    if let Some(found) = imperative
        && best.is_none_or(|best| found.confidence > best.confidence)
    {
        best = Some(found);
    }
    if let Some(found) = click {
        return Some(found);
    }
    if let Some(found) = courtesy {
        // `Thanks for the deck, could you also send the numbers?`: the request stands, if it is
        // no part of the set phrase.
        let stands = best.filter(|best| {
            best.action > found.action + 3
                && best.kind == Kind::Request
                && best.confidence > 0.75
                && question
        });
        return stands.or(Some(found));
    }
    if let Some(found) = best
        && !(told && found.confidence < 0.8)
    {
        return Some(found);
    }
    if question && words.len() >= 2 {
        return Some(Act {
            kind: Kind::Question,
            action: head.start,
            confidence: question_confidence(words, head.start),
        });
    }
    best.filter(|_| !told)
}

/// How sure it is that a question wants an answer of the reader.
fn question_confidence(words: &Words<'_>, start: usize) -> f64 {
    let asks = matches!(
        words.get(start),
        "do" | "did"
            | "does"
            | "have"
            | "has"
            | "is"
            | "are"
            | "was"
            | "were"
            | "will"
            | "would"
            | "can"
            | "could"
            | "should"
            | "any"
            | "what"
            | "when"
            | "where"
            | "which"
            | "who"
            | "how"
            | "why"
            | "what's"
            | "where's"
            | "when's"
            | "how's"
            | "hast"
            | "haben"
            | "ist"
            | "sind"
            | "wann"
            | "was"
            | "wie"
            | "wer"
            | "wo"
            | "est"
            | "avez"
            | "quand"
            | "comment"
            | "que"
            | "cuando"
            | "como"
            | "tienes"
    );
    let to_reader = (0..words.len()).any(|at| {
        matches!(
            words.get(at),
            "you"
                | "your"
                | "you're"
                | "you've"
                | "u"
                | "du"
                | "sie"
                | "dir"
                | "ihnen"
                | "vous"
                | "votre"
                | "tu"
                | "usted"
        )
    });
    match (asks, to_reader) {
        (true, true) => 0.8,
        (true, false) | (false, true) => 0.6,
        (false, false) => 0.45,
    }
}

fn from_cue(
    words: &Words<'_>,
    at: usize,
    length: usize,
    cue: Cue,
    question: bool,
    at_head: bool,
) -> Option<Act> {
    let next = past_adverbs(words, at + length);
    let verb = words.get(next);
    let some = |kind, action, confidence| {
        Some(Act {
            kind,
            action,
            confidence,
        })
    };
    let is_verb = PLAIN_VERBS.contains(&verb) || NOUN_VERBS.contains(&verb);
    match cue {
        Cue::Ask => {
            if verb.is_empty() {
                return None;
            }
            if matches!(
                verb,
                "believe"
                    | "imagine"
                    | "guess"
                    | "see"
                    | "hear"
                    | "remember"
                    | "have"
                    | "say"
                    | "know"
                    | "be"
                    | "please"
            ) && question
            {
                return some(Kind::Question, at, 0.6);
            }
            // `Would you mind sending`
            let participle = verb.ends_with("ing") && verb.len() > 5;
            some(
                Kind::Request,
                next,
                if is_verb || participle { 0.88 } else { 0.68 },
            )
        }
        Cue::Please => {
            if verb.is_empty()
                || words
                    .gap_after(next.saturating_sub(1))
                    .contains(['.', '!', '?'])
            {
                return None;
            }
            if is_verb {
                return some(Kind::Request, next, 0.85);
            }
            if matches!(verb, "don't" | "do" | "not" | "never") {
                return some(Kind::Request, next, 0.7);
            }
            some(Kind::Request, next, 0.6)
        }
        Cue::AskForeign => {
            // A polite word that ends the sentence asks for what stands before it.
            if verb.is_empty() {
                return (at >= 2).then_some(Act {
                    kind: Kind::Request,
                    action: 0,
                    confidence: 0.7,
                });
            }
            some(Kind::Request, next, if at_head { 0.82 } else { 0.72 })
        }
        Cue::Action => {
            let objectless = verb.is_empty() && length < 3;
            some(
                Kind::Request,
                past_please(words, at),
                if at_head && !objectless {
                    0.8
                } else if at_head {
                    0.7
                } else {
                    0.62
                },
            )
        }
        Cue::Oblige => {
            if verb.is_empty() {
                return None;
            }
            some(
                Kind::Request,
                next,
                if is_verb && at_head {
                    0.75
                } else if is_verb {
                    0.62
                } else {
                    0.5
                },
            )
        }
        Cue::Propose => {
            let works = WORK_VERBS.contains(&verb) && verb != "be";
            if !works {
                return question.then_some(Act {
                    kind: Kind::Question,
                    action: at,
                    confidence: 0.55,
                });
            }
            let wish = matches!(words.get(at + 1), "want" | "would")
                || matches!(words.get(at), "i'd" | "we'd");
            let meets = matches!(
                verb,
                "meet"
                    | "discuss"
                    | "schedule"
                    | "talk"
                    | "set"
                    | "speak"
                    | "chat"
                    | "catch"
                    | "see"
            );
            if wish && !meets {
                return some(Kind::Question, at, 0.4);
            }
            some(Kind::Proposal, next, if at_head { 0.7 } else { 0.6 })
        }
        Cue::Meet => {
            let own = matches!(words.get(at), "can" | "could" | "will")
                && matches!(words.get(at + 1), "you" | "we");
            let wants = matches!(words.get(at), "want" | "wanna" | "care");
            some(
                Kind::Proposal,
                if own { at + 2 } else { at },
                if question { 0.58 } else { 0.45 },
            )
            .filter(|_| question || (at_head && !wants))
        }
        Cue::Promise => {
            let can = matches!((words.get(at), words.get(at + 1)), ("i", "can"));
            let letting = words.get(at) == "let";
            if !WORK_VERBS.contains(&verb)
                || (can && question)
                || (letting && matches!(verb, "be" | "know" | "go" | "have" | "see"))
            {
                return None;
            }
            let weak = can
                || matches!(
                    verb,
                    "be" | "have"
                        | "see"
                        | "go"
                        | "get"
                        | "let"
                        | "give"
                        | "take"
                        | "try"
                        | "work"
                        | "make"
                );
            some(Kind::Commitment, next, if weak { 0.55 } else { 0.8 })
        }
        Cue::PromiseForeign => some(Kind::Commitment, at, 0.75),
        Cue::Courtesy | Cue::Click | Cue::Told => None,
    }
}

/// Steps over words that stand between asking and the action.
fn past_adverbs(words: &Words<'_>, mut at: usize) -> usize {
    for _ in 0..5 {
        let adverb = matches!(
            words.get(at),
            "please"
                | "pls"
                | "also"
                | "just"
                | "kindly"
                | "possibly"
                | "maybe"
                | "perhaps"
                | "quickly"
                | "then"
                | "now"
                | "at"
                | "to"
                | "still"
                | "both"
                | "all"
                | "either"
                | "and"
                | "try"
                | "simply"
                | "first"
                | "always"
                | "ensure"
                | "go"
                | "bitte"
                | "mal"
                | "kurz"
                | "auch"
                | "noch"
                | "mir"
                | "uns"
                | "s'il"
                | "te"
                | "vous"
                | "plait"
                | "por"
                | "favor"
                | "per"
                | "favore"
                | "bien"
                | "vouloir"
        );
        let keeps = match words.get(at) {
            "at" => words.get(at + 1) != "least",
            "try" => words.get(at + 1) != "to",
            "go" => words.get(at + 1) != "ahead",
            "and" | "all" => true,
            "bien" => words.get(at + 1) != "vouloir",
            "vous" | "te" => words.get(at + 1) != "plait",
            _ => false,
        };
        if !adverb || keeps {
            if words.get(at) == "ahead" && words.get(at + 1) == "and" {
                at += 2;
                continue;
            }
            break;
        }
        at += 1;
    }
    at
}

fn past_please(words: &Words<'_>, at: usize) -> usize {
    if matches!(words.get(at), "please" | "just" | "pls") {
        at + 1
    } else {
        at
    }
}

/// A sentence that opens with a verb in its base form and an object or particle.
fn imperative(words: &Words<'_>, start: usize) -> Option<Act> {
    let mut at = start;
    let negated =
        matches!((words.get(at), words.get(at + 1)), ("do", "not")) || words.get(at) == "don't";
    if negated {
        return None; // a warning makes no work
    }
    if matches!(words.get(at), "please" | "pls") {
        at += 1;
    }
    let verb = words.get(at);
    let next = words.get(at + 1);
    if next.is_empty() {
        return None;
    }
    let plain = PLAIN_VERBS.contains(&verb);
    if !plain && !NOUN_VERBS.contains(&verb) {
        return None;
    }
    if matches!(
        next,
        "is" | "are"
            | "was"
            | "were"
            | "has"
            | "had"
            | "will"
            | "would"
            | "can"
            | "should"
            | "of"
            | "you"
            | "we"
            | "i"
            | "he"
            | "she"
            | "they"
            | "forward"
            | "to"
            | "not"
            | "care"
            | "been"
    ) && !(matches!(
        verb,
        "talk" | "speak" | "write" | "respond" | "reply" | "remember" | "go" | "send" | "try"
    ) && next == "to")
    {
        return None;
    }
    if matches!(
        verb,
        "be" | "have"
            | "do"
            | "go"
            | "see"
            | "say"
            | "think"
            | "work"
            | "come"
            | "hold"
            | "help"
            | "open"
            | "wait"
            | "stay"
            | "let"
            | "use"
            | "keep"
            | "find"
            | "get"
            | "take"
            | "make"
            | "show"
            | "visit"
            | "download"
            | "save"
            | "apply"
            | "buy"
            | "start"
            | "join"
            | "try"
            | "enter"
            | "choose"
            | "select"
            | "clear"
            | "double"
            | "close"
            | "look"
            | "register"
            | "donate"
            | "stop"
            | "hire"
            | "read"
            | "sell"
            | "turn"
            | "type"
            | "click"
    ) {
        let works = matches!(
            (verb, next),
            ("take", "a" | "care" | "this" | "the" | "it")
                | ("get", "the" | "this" | "it" | "with" | "back" | "me" | "a")
                | ("make", "the" | "sure" | "a" | "it")
                | ("find", "out" | "the" | "a")
                | ("look", "at" | "into" | "up" | "over")
                | ("read", "the" | "this" | "it" | "through")
                | ("have", "him" | "her" | "them" | "your" | "someone")
                | ("use", "the" | "this")
                | ("keep", "me" | "us" | "the" | "an")
                | ("do", "this" | "the" | "it")
                | ("help", "me" | "us")
                | ("show", "me" | "us" | "him" | "her")
                | ("hold", "off" | "the")
                | ("start", "the" | "with" | "on")
                | ("try", "to" | "the" | "this")
                | ("close", "the" | "out" | "this")
                | ("stop", "the" | "by")
                | ("wait", "for" | "until")
        );
        return works.then_some(Act {
            kind: Kind::Request,
            action: at,
            confidence: 0.6,
        });
    }
    let object = matches!(
        next,
        "me" | "us"
            | "him"
            | "her"
            | "them"
            | "it"
            | "the"
            | "this"
            | "that"
            | "these"
            | "those"
            | "a"
            | "an"
            | "your"
            | "my"
            | "our"
            | "his"
            | "their"
            | "all"
            | "any"
            | "both"
            | "each"
            | "back"
            | "up"
            | "out"
            | "over"
            | "off"
            | "with"
            | "if"
            | "whether"
            | "by"
            | "in"
            | "on"
            | "and"
    );
    // A short heading (`Call agenda`, `Review meeting`) is no order.
    if !plain && !object {
        let enough = words.is_capital(at + 1) && words.len() > at + 3 && !words.is_capital(at + 2);
        return enough.then_some(Act {
            kind: Kind::Request,
            action: at,
            confidence: 0.52,
        });
    }
    let strong = object || words.len() >= at + 3;
    strong.then_some(Act {
        kind: Kind::Request,
        action: at,
        confidence: if object { 0.7 } else { 0.58 },
    })
}

/// `If you agree, send it on.`; `When you have a moment, call Ann.`
fn after_condition(words: &Words<'_>) -> Option<Act> {
    if !matches!(
        words.get(0),
        "if" | "when" | "once" | "as" | "after" | "before" | "for" | "in" | "to"
    ) {
        return None;
    }
    let comma = (0..words.len()).find(|at| words.gap_after(*at).contains(','))?;
    let found = imperative(words, comma + 1)?;
    Some(Act {
        confidence: found.confidence - 0.08,
        ..found
    })
}

/// Requests in scripts without spaces.
fn wide(words: &Words<'_>) -> Option<Act> {
    const COURTESIES: &[&str] = &[
        "よろしくお願い",
        "宜しくお願い",
        "お世話になって",
        "ご了承ください",
        "ご遠慮ください",
        "お気軽に",
        "ご安心ください",
        "请勿回复",
        "请注意",
        "如有任何问题",
        "如有问题",
        "감사합니다",
        "문의",
        "ありがとう",
        "请查收",
        "お問い合わせください",
        "ご連絡をお待ち",
    ];
    const REQUESTS: &[&str] = &[
        "ください",
        "下さい",
        "お願いします",
        "お願いいたします",
        "お願い致します",
        "いただけますか",
        "いただけません",
        "もらえますか",
        "もらえません",
        "くれますか",
        "してほしい",
        "願えますか",
        "请",
        "請",
        "麻烦",
        "能否",
        "能不能",
        "可以帮",
        "주세요",
        "주시겠",
        "부탁",
        "주실 수",
        "해줘",
        "바랍니다",
    ];
    const PROMISES: &[&str] = &[
        "送ります",
        "お送りします",
        "いたします",
        "连絡します",
        "連絡します",
        "我会",
        "我將",
        "我将",
        "하겠습니다",
        "드리겠습니다",
        "対応します",
    ];
    const PROPOSALS: &[&str] = &[
        "しましょう",
        "ませんか",
        "いかがでしょう",
        "いかがですか",
        "我们可以",
        "어떠세요",
        "할까요",
        "怎么样",
    ];
    let piece = words.piece();
    let has = |list: &[&str]| list.iter().any(|phrase| piece.contains(phrase));
    let found = |kind, confidence| {
        Some(Act {
            kind,
            action: 0,
            confidence,
        })
    };
    if has(COURTESIES) {
        // `資料を送ってください。よろしくお願いします` in one sentence is rare; the polite formula is not.
        return found(Kind::Courtesy, 0.7);
    }
    if has(REQUESTS) {
        return found(Kind::Request, 0.8);
    }
    if has(PROPOSALS) {
        return found(Kind::Proposal, 0.6);
    }
    if has(PROMISES) {
        return found(Kind::Commitment, 0.75);
    }
    if piece.ends_with(['?', '？']) || piece.ends_with("か。") || piece.ends_with("吗。") {
        return found(Kind::Question, 0.7);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<Kind> {
        let words = Words::new(text, 0..text.len());
        act(&words, head(&words)).map(|act| act.kind)
    }

    #[test]
    fn sentences_are_told_apart_by_what_they_do() {
        for (text, expected) in [
            ("Could you please send me the report?", Some(Kind::Request)),
            ("Please review the attached contract.", Some(Kind::Request)),
            ("Send me the numbers.", Some(Kind::Request)),
            ("Let me know if Friday works.", Some(Kind::Request)),
            ("I need you to sign the lease.", Some(Kind::Request)),
            ("Raj, can you book the room?", Some(Kind::Request)),
            (
                "Thanks for the deck, could you also send the numbers?",
                Some(Kind::Request),
            ),
            ("I'll send you the deck by Friday.", Some(Kind::Commitment)),
            (
                "Let's meet on Tuesday to discuss the budget.",
                Some(Kind::Proposal),
            ),
            ("Are you free on Tuesday?", Some(Kind::Proposal)),
            ("Did you get my mail?", Some(Kind::Question)),
            (
                "Let me know if you have any questions.",
                Some(Kind::Courtesy),
            ),
            ("Please feel free to call me.", Some(Kind::Courtesy)),
            ("Please find attached the minutes.", Some(Kind::Courtesy)),
            ("Click here to view your statement.", Some(Kind::Click)),
            ("The report was sent yesterday.", None),
            ("Call agenda", None),
            ("He asked me to call you.", None),
            (
                "Kannst du mir bitte den Bericht schicken?",
                Some(Kind::Request),
            ),
            ("Pourriez-vous m'envoyer le rapport ?", Some(Kind::Request)),
            ("¿Podrías enviarme el informe?", Some(Kind::Request)),
            ("資料を送ってください。", Some(Kind::Request)),
            ("よろしくお願いします。", Some(Kind::Courtesy)),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    /// Sentences of real mail labelled by people; the file is not part of the project.
    #[test]
    fn most_labelled_sentences_are_judged_as_people_do() {
        let path = std::env::var("INTENT_TSV").unwrap_or_default();
        let Ok(data) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: INTENT_TSV names no file of labelled sentences");
            return;
        };
        let (mut right, mut all, mut hits, mut said, mut meant) =
            (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
        for line in data.lines() {
            let Some((label, text)) = line.split_once('\t') else {
                continue;
            };
            let words = Words::new(text, 0..text.len());
            let found = act(&words, head(&words));
            let yes = found.is_some_and(|act| {
                asks(&act) || (matches!(act.kind, Kind::Courtesy | Kind::Click) && polite(&words))
            });
            let labelled = label == "Yes";
            all += 1;
            right += u32::from(yes == labelled);
            said += u32::from(yes);
            meant += u32::from(labelled);
            hits += u32::from(yes && labelled);
            if yes != labelled && std::env::var("INTENT_SHOW").is_ok() {
                println!(
                    "{} {:?} {text}",
                    if labelled { "MISSED" } else { "EXTRA" },
                    found.map(|act| (act.kind, act.confidence))
                );
            }
        }
        println!(
            "accuracy {:.3} precision {:.3} recall {:.3} of {all}",
            f64::from(right) / f64::from(all),
            f64::from(hits) / f64::from(said),
            f64::from(hits) / f64::from(meant)
        );
        assert!(f64::from(right) / f64::from(all) >= 0.75);
    }

    /// The labels' notion of a task is wide: it counts courtesies and calls to action too.
    fn asks(act: &Act) -> bool {
        match act.kind {
            Kind::Request | Kind::Proposal | Kind::Commitment => true,
            Kind::Question => act.confidence >= 0.6,
            Kind::Courtesy | Kind::Click => false,
        }
    }

    fn polite(words: &Words<'_>) -> bool {
        (0..words.len()).any(|at| {
            matches!(
                words.get(at),
                "please" | "pls" | "hesitate" | "feel" | "questions"
            ) || (words.get(at) == "let" && words.get(at + 2) == "know")
        })
    }
}
