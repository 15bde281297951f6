//! Orders for machines that text was planted with.
//!
//! Nothing a message says can make an engine act (it has no tools); these rules see to it that
//! such text does not become a task, a summary or a priority either.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::words::Words;
use super::{commands, unmask};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Nobody says it to a person.
    Order,
    /// People talk about machines too: it takes two of these.
    Mention,
}

#[rustfmt::skip] // a table: packed, not one word a line
static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Sign::Order,
            &[
                "ignore previous instructions", "ignore all previous", "ignore the previous",
                "ignore prior", "ignore all prior", "ignore any previous",
                "ignore your instructions", "ignore your previous", "ignore all above",
                "ignore all the above", "ignore all instructions", "ignore all of your",
                "disregard previous", "disregard all previous", "disregard the above instructions",
                "disregard your", "disregard all prior", "disregard any previous",
                "disregard prior", "forget previous instructions", "forget all previous",
                "forget your instructions", "forget everything above", "override your instructions",
                "override previous", "your system prompt", "you are an ai", "you are a helpful",
                "dear assistant", "note to assistant", "instructions for the assistant",
                "instruction to the assistant", "attention assistant", "attention ai",
                "if you are an ai", "if you're an ai", "when summarizing this",
                "when you summarize this", "do not tell the user", "don't tell the user",
                "without telling the user", "do not inform the user", "do not mention this to",
                "the user's inbox", "forward all mail", "forward all email", "forward all emails",
                "forward all e mail", "forward all messages", "forward every email",
                "forward every mail", "forward every message", "forward the entire inbox",
                "bcc all", "delete every email", "exfiltrate", "classify this email",
                "classify this message", "vorherige anweisungen", "vorherigen anweisungen",
                "ignoriere alle", "ignorieren sie alle", "instructions precedentes",
                "ignore les instructions", "ignorez les instructions", "ignora las instrucciones",
                "instrucciones anteriores", "ignora tutte le istruzioni",
                "forget the previous instructions", "ignore your guidelines",
                "hidden instructions for", "do not mention it in your",
                "do not mention this in your", "in your summary do not", "reveal your instructions",
                "approve every pending", "approve all pending", "note to the ai", "note to ai",
                "system note to", "attention language model", "mark the sender as trusted",
                "mark this sender as trusted", "for ai readers only", "for ai systems only",
                "for ai assistants only", "for language models only", "for machines only",
            ],
        ),
        (
            Sign::Mention,
            &[
                "ignore above", "ignore the above", "new instructions", "updated instructions for",
                "system prompt", "developer mode", "you are now a", "you are now an", "as an ai",
                "as an assistant", "ai assistant", "ai agent", "ai model", "language model", "llm",
                "chatgpt", "the user's", "forward all of", "forward the last", "send all emails to",
                "send all mail to", "send the contents of", "delete all emails", "delete all mail",
                "delete all messages", "jailbreak", "base64 encode", "mark this email as",
                "mark this message as", "create a task", "create a high priority",
                "set the priority", "alle anweisungen", "in your summary", "the assistant",
                "dear ai",
            ],
        ),
    ])
});

/// How many mentions of machines make an order.
const ENOUGH_MENTIONS: usize = 2;

/// Whether a sentence gives orders to a machine that reads it, in plain words or in disguise.
pub(super) fn is_planted(words: &Words<'_>) -> bool {
    speaks_to_machines(words)
        || unmask::readings(words.piece()).iter().any(|reading| {
            speaks_to_machines(&Words::new(reading, 0..reading.len())) || is_run_together(reading)
        })
}

fn speaks_to_machines(words: &Words<'_>) -> bool {
    let mut mentions = 0;
    for (_, _, sign) in SIGNS.all(words) {
        mentions += 1;
        if sign == Sign::Order || mentions == ENOUGH_MENTIONS {
            return true;
        }
    }
    let piece = words.piece();
    let opens = piece.trim_start_matches(['[', '<', '#', '*', ' ', '(']);
    OPENINGS.iter().any(|mark| opens.starts_with(mark))
        || (words.has_unspaced() && UNSPACED.iter().any(|mark| piece.contains(mark)))
        || commands::is_command(words)
}

/// How the parts of a talk with a model are marked.
const OPENINGS: [&str; 9] = [
    "system:",
    "SYSTEM:",
    "System:",
    "assistant:",
    "Assistant:",
    "ASSISTANT:",
    "[INST]",
    "|im_start|",
    "INST]",
];

/// Orders of scripts that put no spaces between words.
const UNSPACED: [&str; 5] = [
    "以前の指示",
    "これまでの指示",
    "忽略之前",
    "忽略以上",
    "이전 지시",
];

/// Whether words that were written with gaps between their letters, and so have none between
/// themselves, begin as orders do.
fn is_run_together(reading: &str) -> bool {
    !reading.contains(' ')
        && [
            "ignoreall",
            "ignoreprevious",
            "ignoreprior",
            "ignoreyour",
            "ignoretheprevious",
            "ignoreany",
            "disregardall",
            "disregardprevious",
            "disregardyour",
            "disregardprior",
            "forgetall",
            "forgetprevious",
            "forgeteverything",
            "forgetyour",
            "overrideyour",
            "previousinstructions",
            "systemprompt",
            "youareanai",
            "ignorierealle",
            "vorherigeanweisungen",
            "ignoretoutes",
            "ignoralasinstrucciones",
            "ignoratodas",
        ]
        .iter()
        .any(|mark| reading.contains(mark))
}

/// Whether text that no reader sees gives an order to a machine, and not only talks about one.
pub(crate) fn gives_orders(text: &str) -> bool {
    let orders = |text: &str| {
        SIGNS
            .all(&Words::new(text, 0..text.len()))
            .any(|(_, _, sign)| sign == Sign::Order)
            || UNSPACED.iter().any(|mark| text.contains(mark))
            || text.contains("[INST]")
            || text.contains("|im_start|")
            || text
                .split(['\n', '.', '!', '?', '。'])
                .any(|sentence| commands::is_command(&Words::new(sentence, 0..sentence.len())))
    };
    orders(text)
        || text
            .lines()
            .flat_map(unmask::readings)
            .any(|reading| orders(&reading) || is_run_together(&reading))
}
