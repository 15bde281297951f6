//! Tone: a small lexicon, aware of negation and of words that strengthen.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::words::Words;
use super::{Category, Sentiment, SentimentLabel};

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
                "warm", "warmest", "lovely", "beautiful", "cheers", "proud", "relieved", "sunny",
                "delicious", "vielen dank", "freundlich", "zufrieden", "angenehm", "schone",
                "schoner", "liebe", "belle", "beau", "agreable", "sympa", "amable", "bonita",
                "bonito", "tranquilo", "piacere", "bello", "bella", "contento", "gentile", "fijn",
                "mooi", "leuk", "graag", "bom", "boa", "obrigada", "gentil", "tack", "trevligt",
                "fint", "dziekuje", "piekna", "milo", "love you", "lots of love",
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
                "thank you so much", "thank you very much", "thanks so much", "thanks a lot",
                "many thanks", "thanks a million", "made my day", "hilarious", "laughed",
                "missed you", "can't wait", "proud of", "happy birthday", "hugs", "kisses",
                "such a delight", "a delight", "honour", "flawless", "without a hitch", "cheerful",
                "it was great", "exactly what i needed", "you're the best", "we're back",
                "lieben dank", "herzlichen dank", "tausend dank", "sehr zufrieden", "perfekt",
                "perfekte", "grossartig", "freue mich so", "freue mich auf", "freuen uns auf",
                "alles liebe", "alles gute", "gluckwunsch", "herzlichen gluckwunsch",
                "den tag gerettet", "lob", "wunderschon", "ich umarme", "merci beaucoup",
                "mille mercis", "un grand merci", "magnifique", "adore", "j'ai adore", "heureux",
                "heureuse", "plaisir", "bravo", "bises", "gros bisous", "je t'embrasse",
                "tres heureux", "muchas gracias", "mil gracias", "estupendo", "estupenda",
                "estupendamente", "maravilloso", "maravillosa", "feliz", "felices", "alegria",
                "que alegria", "un placer", "disfrute", "encantados", "abrazo fuerte", "besos",
                "grazie mille", "bellissimo", "bellissima", "meraviglioso", "felice", "un bacio",
                "baci", "un abbraccio", "heel blij", "blij", "geweldig", "hartelijk dank",
                "gefeliciteerd", "liefs", "feest", "muito obrigada", "muito obrigado", "perfeito",
                "otimo", "maravilhoso", "tack sa mycket", "fantastiskt", "underbart", "roligt",
                "kram", "grattis", "dziekuje bardzo", "swietnie", "cudownie", "wspaniale",
                "zachwycone", "sciskamy", "gratulacje",
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
                "lost", "loss", "upsetting", "tired of", "annoyed", "annoying", "complain",
                "hassle", "painful", "unhappy", "in pieces", "rudely", "schade", "bitter",
                "verloren", "argern", "krank", "mangel", "beschwerde", "en panne", "malade",
                "desole", "desolee", "dommage", "regrette", "averia", "lo siento", "perdon",
                "queja", "mal humor", "dispiace", "problemi", "guasto", "jammer", "kapot",
                "klacht", "infelizmente", "avaria", "tyvarr", "trasig", "niestety", "awaria",
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
                "heartbroken", "died", "passed away", "funeral", "grief", "devastated", "arrogant",
                "treated so", "sick of", "never again", "at my wits", "cancel the contract",
                "third time", "sehr enttauscht", "unfassbar", "frech", "unverschamtheit",
                "untragbar", "gestorben", "verstorben", "todesfall", "trauer",
                "schlechte nachrichten", "tres decu", "tres decue", "inadmissible", "honteux",
                "une honte", "colere", "deces", "decede", "muy decepcionado", "muy decepcionada",
                "una verguenza", "verguenza", "indignado", "indignada", "fallecido", "fallecio",
                "vergogna", "arrabbiato", "inaccettabili", "boos", "schandalig", "onacceptabel",
                "teleurgesteld", "inaceitavel", "desiludido", "besviken", "oacceptabelt",
                "rozczarowany", "skandal",
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
                "good luck", "sounds good", "good news", "good day", "have a good", "nice day",
                "bonne journee", "buen dia", "dear", "i'm afraid", "we're sorry", "sorry for the",
                "kind of", "any problem", "in case of problems", "error rate",
                "thank you for your message", "thank you for your order", "vielen dank fur ihre",
                "merci de", "bien recu", "liebe frau", "liebe kolleginnen", "liebe kollegen",
                "liebe eltern", "liebe mitglieder", "lieber herr", "liebe grusse", "gute reise",
                "tack pa forhand", "bom dia", "boa tarde", "un saludo", "buenos dias",
                "buenas tardes", "il piacere di", "a good", "a bit late", "late april", "late may",
                "is welcome", "you're welcome", "works for", "would work", "that works",
                "works instead", "gracias por su mensaje", "very best", "guten tag",
                "guten morgen", "gute nacht", "gern geschehen", "gerne bis", "merci d'avance",
            ],
        ),
    ])
});

/// Marks of a tone in text without spaces. Thanks are manners there, and count half.
#[rustfmt::skip] // a table: packed, not one word a line
const UNSPACED: &[(i32, &[&str])] = &[
    (1, &["ありがとう", "感謝", "谢谢", "感谢", "감사합니다"]),
    (2, &["嬉し", "誠に", "素晴らし", "おめでとう", "楽しみ", "高兴", "太好了", "祝贺", "기쁩", "축하"]),
    (-2, &["残念", "遺憾", "困っ", "不満", "怒", "失望", "遗憾", "불만", "유감"]),
];

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

/// Reads the tone of the author's words. What machines write has none, and the feelings of bills
/// and bookings are mostly manners.
pub(super) fn sentiment(lines: &[&Words<'_>], kind: Category) -> Sentiment {
    let (mut positive, mut negative) = (0_i32, 0_i32);
    for words in lines {
        let marks = if words.has_unspaced() { UNSPACED } else { &[] };
        for (weight, marks) in marks {
            if marks.iter().any(|mark| words.piece().contains(mark)) {
                positive += 2 * (*weight).max(0);
                negative -= 2 * (*weight).min(0);
            }
        }
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
    let share = match kind {
        Category::Automatic | Category::Security => 0.0,
        Category::Receipt | Category::Travel => 0.5,
        _ => 1.0,
    };
    // The constant keeps one kind word from being enthusiasm.
    let score = (sum * share / (f64::from(positive + negative) + 8.0) * 100.0).round() / 100.0;
    let label = match score {
        score if score >= 0.28 => SentimentLabel::Positive,
        score if score <= -0.28 => SentimentLabel::Negative,
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
            let found = sentiment(&[&words], Category::Personal);
            assert_eq!(found.label, label, "{text} {}", found.score);
            assert!((-1.0..=1.0).contains(&found.score));
        }
    }
}
