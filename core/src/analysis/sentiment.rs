//! Tone: a small lexicon, aware of negation and of words that strengthen.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::words::Words;
use super::{Sentiment, SentimentLabel};

#[rustfmt::skip] // a table: packed, not one word a line
static LEXICON: LazyLock<Phrases<i32>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            1,
            &[
                "thanks", "thank", "good", "nice", "glad", "helpful", "enjoy", "enjoyed",
                "welcome", "hope", "appreciate", "appreciated", "like", "works", "fine", "agree",
                "success", "successful", "pleased", "pleasure", "fun", "easy", "kind", "smooth",
                "danke", "gut", "gern", "gerne", "freue", "merci", "bien", "content", "contente",
                "gracias", "bueno", "buena", "grazie", "obrigado", "bedankt", "ありがとう",
            ],
        ),
        (
            2,
            &[
                "great", "excellent", "fantastic", "awesome", "wonderful", "amazing", "perfect",
                "love", "loved", "happy", "delighted", "thrilled", "excited", "congratulations",
                "congrats", "brilliant", "superb", "outstanding", "best", "impressed", "well done",
                "good job", "great job", "super", "toll", "prima", "wunderbar", "ausgezeichnet",
                "hervorragend", "begeistert", "parfait", "formidable", "excellente", "ravi",
                "ravie", "felicitations", "genial", "excelente", "perfecto", "encantado",
                "encantada", "felicidades", "fantastico", "perfetto",
            ],
        ),
        (
            -1,
            &[
                "sorry", "unfortunately", "problem", "problems", "issue", "issues", "concern",
                "concerned", "concerns", "worried", "worry", "late", "delay", "delayed", "missed",
                "missing", "wrong", "error", "errors", "failed", "fail", "fails", "broken",
                "confused", "confusing", "difficult", "complaint", "complaints", "overdue", "bad",
                "sad", "regret", "afraid", "mistake", "slow", "stuck", "leider", "verspatet",
                "schlecht", "besorgt", "fehler", "malheureusement", "probleme", "retard", "erreur",
                "inquiet", "inquiete", "lamentablemente", "problema", "retraso", "preocupado",
                "preocupada", "desafortunadamente", "purtroppo", "helaas",
            ],
        ),
        (
            -2,
            &[
                "terrible", "awful", "unacceptable", "disappointed", "disappointing",
                "disappointment", "angry", "furious", "frustrated", "frustrating", "frustration",
                "upset", "horrible", "hate", "worst", "ridiculous", "outraged", "disgusted",
                "disaster", "appalling", "useless", "rude", "lawyer", "lawsuit", "not happy",
                "fed up", "waste of time", "let down", "poor service", "inakzeptabel",
                "enttauscht", "argerlich", "verargert", "katastrophe", "frechheit", "unverschamt",
                "inacceptable", "decu", "decue", "furieux", "scandaleux", "inaceptable",
                "decepcionado", "decepcionada", "furioso", "enfadado", "pesimo", "deluso",
                "inaccettabile",
            ],
        ),
        // Words that are set phrases here and no feeling.
        (
            0,
            &[
                "no problem", "no worries", "would like", "i'd like", "we'd like", "looks like",
                "something like", "please let", "best regards", "kind regards", "best wishes",
                "best", "all the best", "thanks in advance", "like to", "not a problem",
                "good morning", "good afternoon", "good evening", "no issue", "no issues",
                "would you like", "like this", "like that", "hope you are", "hope this",
                "bien cordialement", "bien a vous", "bien vouloir", "thank you for your patience",
            ],
        ),
    ])
});

/// Words that turn a tone round.
#[rustfmt::skip] // a table: packed, not one word a line
const NEGATIONS: &[&str] = &[
    "not", "no", "never", "don't", "didn't", "isn't", "wasn't", "aren't", "can't", "cannot",
    "won't", "doesn't", "without", "hardly", "nicht", "kein", "keine", "pas", "sin", "nunca",
    "non", "niet",
];

/// Words that make a tone stronger.
#[rustfmt::skip] // a table: packed, not one word a line
const STRENGTHS: &[&str] = &[
    "very", "really", "so", "extremely", "absolutely", "deeply", "incredibly", "sehr", "tres",
    "vraiment", "muy", "molto",
];

/// Reads the tone of the author's words.
pub(super) fn sentiment(lines: &[&Words<'_>]) -> Sentiment {
    let (mut positive, mut negative) = (0_i32, 0_i32);
    for words in lines {
        for (at, length, weight) in LEXICON.all(words) {
            let negated = (1..=3).any(|back| {
                at.checked_sub(back)
                    .is_some_and(|before| NEGATIONS.contains(&words.get(before)))
            });
            let strong = STRENGTHS.contains(&words.before(at));
            let loud = words.gap_after(at + length - 1).contains('!');
            let mut weight = weight * (2 + i32::from(strong) + i32::from(loud));
            if negated {
                // `not great` is bad, `not bad` hardly good.
                weight = if weight > 0 { -weight } else { -weight / 2 };
            }
            if weight > 0 {
                positive += weight;
            } else {
                negative -= weight;
            }
        }
    }
    let sum = f64::from(positive - negative);
    // The constant keeps one kind word from being enthusiasm.
    let score = (sum / (f64::from(positive + negative) + 5.0) * 100.0).round() / 100.0;
    let label = match score {
        score if score >= 0.25 => SentimentLabel::Positive,
        score if score <= -0.2 => SentimentLabel::Negative,
        _ => SentimentLabel::Neutral,
    };
    Sentiment { label, score }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tone_heeds_negation_and_manners() {
        for (text, label) in [
            (
                "This is great, thank you so much! I love it.",
                SentimentLabel::Positive,
            ),
            (
                "I am very disappointed, this is unacceptable.",
                SentimentLabel::Negative,
            ),
            (
                "This is not good and not helpful.",
                SentimentLabel::Negative,
            ),
            (
                "Please send the report. Best regards",
                SentimentLabel::Neutral,
            ),
            ("No problem, see you Monday.", SentimentLabel::Neutral),
            ("Ich bin sehr enttäuscht.", SentimentLabel::Negative),
            ("", SentimentLabel::Neutral),
        ] {
            let words = Words::new(text, 0..text.len());
            let found = sentiment(&[&words]);
            assert_eq!(found.label, label, "{text} {}", found.score);
            assert!((-1.0..=1.0).contains(&found.score));
        }
    }
}
