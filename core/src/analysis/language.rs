//! Which language a text is in: by script where the script says it, else by its commonest words.
//!
//! Not the `whatlang` crate: its trigram tables cover 69 languages and cost the wasm about
//! 150 KB, while the question here is only which table of rules and which label to use.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::words::Words;

/// Says that it can't be told.
pub(super) const UNKNOWN: &str = "und";

/// How many words decide.
const MAX_WORDS: usize = 400;

#[rustfmt::skip] // a table: packed, not one word a line
const LANGUAGES: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "and", "of", "to", "is", "you", "that", "it", "for", "on", "are", "with",
            "this", "have", "be", "we", "i", "your", "please", "thanks", "can", "will", "would",
            "from", "not", "my", "our", "i'm", "i'll", "at", "by", "let", "know", "me", "hi", "if",
            "was", "could", "what", "just", "meeting", "a", "in", "do",
            "has", "been", "as", "an", "or", "but", "they", "them", "who", "when", "how", "which",
            "their", "there", "here", "all", "one", "about", "up", "out", "get", "got", "so",
            "need", "needs", "done", "ok", "thank", "sent", "see", "new", "today", "accepted",
            "declined", "invitation", "order", "paid", "amount", "total", "receipt", "booking",
            "confirmed", "confirmation", "depart", "any", "now", "no", "yes", "were", "than",
            "then", "into", "only", "also", "more", "well", "very", "he", "she", "his", "her",
            "had", "us", "should", "back", "good", "great", "works", "it's", "don't", "we'll",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "nicht", "ich", "sie", "wir", "ein", "eine", "zu",
            "mit", "fur", "auf", "bitte", "den", "dem", "von", "im", "es", "auch", "wie", "uns",
            "dass", "haben", "konnen", "bis", "noch", "danke", "hallo", "du", "mir", "kannst",
            "schicken", "am", "um", "morgen", "liebe", "grusse", "konntest", "senden",
            "sich", "sind", "war", "wird", "wurde", "werden", "bei", "nach", "aus", "einen",
            "einem", "einer", "als", "oder", "aber", "wenn", "nur", "schon", "sehr", "ihr", "ihre",
            "ihren", "ihnen", "mein", "dein", "unser", "unsere", "passt", "gut", "alles", "vielen",
            "dank", "gruss", "uhr", "heute", "gern", "gerne", "habe", "hat", "zum", "zur", "vom",
            "beim", "uber", "durch", "ihn", "mich", "dich", "was", "wer", "wo", "sowie", "liegt",
            "guten", "tag", "rechnung", "bestellung", "buchung",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "des", "et", "est", "vous", "je", "nous", "pour", "une", "un",
            "que", "dans", "avec", "sur", "pas", "merci", "ce", "du", "au", "bonjour", "votre",
            "sont", "mais", "plus", "j'ai", "avant", "pouvez", "pourriez", "envoyer", "de",
            "veuillez", "c'est", "peux", "tu", "demain", "cordialement", "moi", "par",
            "n'est", "qui", "ou", "si", "leur", "ses", "son", "sa", "mes", "ma", "nos", "vos",
            "notre", "cette", "ces", "aux", "en", "se", "s'il", "ete", "etes", "suis", "ai",
            "avons", "avez", "fait", "bien", "tres", "comme", "tout", "tous", "aussi", "encore",
            "bonne", "journee", "oui", "non", "chere", "cher", "voici", "numero", "commande",
            "facture", "compte", "c'etait", "l'attente", "note", "chez", "donc",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "que", "de", "y", "en", "un", "una", "para", "con", "por",
            "no", "es", "se", "del", "lo", "gracias", "hola", "favor", "su", "pero", "mas", "como",
            "esta", "al", "antes", "puedes", "podria", "podrias", "manana", "usted", "tu",
            "necesito", "reunion", "saludos", "enviar", "muy", "viernes",
            "a", "o", "si", "ha", "han", "he", "hay", "fue", "son", "este", "esto", "estas", "ya",
            "tambien", "porque", "cuando", "donde", "quien", "nos", "me", "te", "le", "les", "mi",
            "mis", "sus", "todo", "todos", "buenas", "tardes", "dias", "sin", "sobre", "hasta",
            "desde", "ser", "eres", "soy", "estoy", "tiene", "tengo", "pedido", "cuenta", "correo",
            "nuevo", "nueva", "ahora", "bien",
        ],
    ),
    (
        "it",
        &[
            "il", "che", "di", "e", "la", "per", "un", "una", "non", "con", "sono", "del", "della",
            "gli", "ciao", "grazie", "puoi", "sei", "anche", "questo", "nel", "ho", "mi", "alla",
            "piu", "entro", "inviare", "buongiorno", "domani", "potresti", "lunedi", "venerdi",
            "prego", "cordiali", "saluti", "si", "le", "da", "abbiamo",
            "i", "o", "ma", "se", "come", "quando", "dove", "chi", "cosa", "mio", "tuo", "suo",
            "nostro", "vostro", "dei", "delle", "degli", "al", "dal", "nella", "sul", "questa",
            "queste", "sara", "stato", "molto", "bene", "tutto", "tutti", "ecco", "oggi", "ora",
            "vi", "ci", "lei", "lo", "gentile", "cliente", "ordine", "codice",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "as", "que", "de", "e", "nao", "uma", "um", "para", "com", "por", "do",
            "da", "em", "no", "na", "voce", "obrigado", "obrigada", "ola", "favor", "sua", "seu",
            "ate", "pode", "poderia", "enviar", "amanha", "mais", "esta", "ao", "dos", "das",
            "reuniao", "segunda", "sexta", "feira", "bom", "dia",
            "a", "se", "mas", "como", "quando", "onde", "quem", "meu", "minha", "nosso", "foi",
            "este", "isso", "muito", "bem", "tudo", "todos", "ja", "ainda", "pela", "pelo", "nas",
            "nos", "ela", "ele", "so", "tambem", "perfeito", "encomenda", "conta", "hoje", "aqui",
            "tem", "tenho", "temos", "aos", "seguiu", "exma", "senhora", "fatura", "codigo",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "een", "en", "van", "is", "dat", "niet", "ik", "je", "we", "met", "voor",
            "op", "zijn", "te", "aan", "ook", "naar", "kun", "kunt", "graag", "bedankt", "hallo",
            "u", "uw", "wij", "maar", "om", "morgen", "vrijdag", "heb", "hebben", "groet",
            "groeten", "deze", "dit", "nog", "bij", "sturen",
            "die", "der", "als", "of", "er", "hij", "zij", "ons", "onze", "mijn", "jouw", "zal",
            "zou", "wordt", "werd", "heeft", "had", "kan", "moet", "wil", "wel", "geen", "al",
            "dan", "hier", "daar", "hoe", "wat", "wie", "waar", "dank", "beste", "geachte",
            "mevrouw", "heer", "week", "nieuwe", "wilt", "uit", "over", "tot", "door", "bent",
        ],
    ),
    (
        "sv",
        &[
            "och", "att", "det", "som", "en", "jag", "inte", "du", "vi", "for", "med", "pa", "ar",
            "av", "till", "har", "kan", "tack", "hej", "den", "om", "ett", "mig", "skicka", "fore",
            "fredag",
            "i", "de", "vara", "var", "blir", "blev", "ska", "skulle", "vill", "kunde", "men",
            "eller", "nar", "hur", "vad", "vem", "din", "ditt", "dina", "min", "mitt", "mina",
            "oss", "er", "era", "nya", "nu", "hade", "mycket", "mer", "bara", "alla", "halsningar",
            "vanliga", "klockan", "dag", "fran", "under", "over", "efter",
        ],
    ),
    (
        "da",
        &[
            "og", "at", "det", "som", "en", "jeg", "ikke", "du", "vi", "for", "med", "pa", "er",
            "af", "til", "har", "kan", "tak", "hej", "den", "om", "et", "mig", "gerne", "inden",
            "fredag",
            "i", "de", "vaere", "var", "bliver", "skal", "skulle", "vil", "kunne", "men", "eller",
            "nar", "hvordan", "hvad", "hvem", "din", "dit", "dine", "min", "mit", "mine", "os",
            "jer", "nye", "nu", "mere", "bare", "alle", "hilsen", "venlig", "klokken", "dag",
            "fra", "under", "over", "efter",
        ],
    ),
    (
        "pl",
        &[
            "i", "nie", "na", "to", "jest", "sie", "w", "z", "do", "prosze", "dziekuje", "czy",
            "jak", "dla", "ale", "przed", "o", "co", "mam", "moze", "dzien", "dobry", "witam",
            "a", "ze", "sa", "za", "od", "po", "przez", "oraz", "tak", "tylko", "jeszcze", "juz",
            "bardzo", "ten", "ta", "te", "tym", "tego", "jej", "jego", "ich", "nas", "was", "pan",
            "pani", "panu", "moj", "moja", "nasz", "nowe", "dziekujemy", "pozdrawiam",
            "zamowienie", "faktura", "konto", "kod",
        ],
    ),
];

const SPARSE: usize = 4;

/// Letters that only some languages write; each counts like a common word, at most
/// [`MAX_LETTERS`] of them.
const LETTERS: &[(char, &[&str])] = &[
    ('ß', &["de"]),
    ('ä', &["de", "sv"]),
    ('ö', &["de", "sv"]),
    ('ü', &["de"]),
    ('ñ', &["es"]),
    ('¿', &["es"]),
    ('¡', &["es"]),
    ('ã', &["pt"]),
    ('õ', &["pt"]),
    ('ç', &["fr", "pt"]),
    ('ê', &["fr", "pt"]),
    ('è', &["fr", "it"]),
    ('œ', &["fr"]),
    ('ì', &["it"]),
    ('å', &["sv", "da"]),
    ('ø', &["da"]),
    ('æ', &["da"]),
    ('ł', &["pl"]),
    ('ż', &["pl"]),
    ('ś', &["pl"]),
    ('ą', &["pl"]),
    ('ę', &["pl"]),
];

/// More of them say nothing new: a name may hold one, and be written many times.
const MAX_LETTERS: usize = 3;

static TABLE: LazyLock<Phrases<usize>> = LazyLock::new(|| {
    let groups: Vec<(usize, &[&str])> = LANGUAGES
        .iter()
        .enumerate()
        .map(|(index, (_, words))| (index, *words))
        .collect();
    Phrases::new(&groups)
});

/// The language as ISO 639-1, or `und`.
pub(super) fn language<'a>(pieces: impl Iterator<Item = &'a Words<'a>> + Clone) -> String {
    if let Some(code) = by_script(
        pieces
            .clone()
            .flat_map(|words| words.piece().chars())
            .take(MAX_WORDS * 6),
    ) {
        return code.to_owned();
    }
    let mut scores = vec![0_usize; LANGUAGES.len()];
    let mut seen = 0;
    let marks = pieces
        .clone()
        .flat_map(|words| words.piece().chars())
        .take(MAX_WORDS * 6)
        .filter(|ch| !ch.is_ascii())
        .flat_map(char::to_lowercase);
    for words in pieces {
        for at in 0..words.len() {
            seen += 1;
            for tag in TABLE.tags_of_key(words.key(at), words.get(at)) {
                if let Some(score) = scores.get_mut(tag) {
                    *score += 1;
                }
            }
        }
        if seen >= MAX_WORDS {
            break;
        }
    }
    let mut letters = 0;
    for ch in marks {
        let Some((_, codes)) = LETTERS.iter().find(|(letter, _)| *letter == ch) else {
            continue;
        };
        for ((code, _), score) in LANGUAGES.iter().zip(&mut scores) {
            *score += usize::from(codes.contains(code));
        }
        letters += 1;
        if letters == MAX_LETTERS {
            break;
        }
    }
    let mut ranked: Vec<(usize, usize)> = scores
        .into_iter()
        .enumerate()
        .map(|(index, score)| (score, index))
        .collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let (best, index) = ranked.first().copied().unwrap_or_default();
    let second = ranked.get(1).map_or(0, |entry| entry.0);
    // A tie says nothing, nor does one common word among many unknown ones.
    if best == 0
        || best == second
        || best * 12 < seen.min(MAX_WORDS)
        || (best == 1 && seen > SPARSE)
    {
        return UNKNOWN.to_owned();
    }
    LANGUAGES
        .get(index)
        .map_or(UNKNOWN, |(code, _)| code)
        .to_owned()
}

fn by_script(chars: impl Iterator<Item = char>) -> Option<&'static str> {
    let (mut letters, mut kana, mut han, mut hangul, mut cyrillic, mut arabic) = (0, 0, 0, 0, 0, 0);
    let (mut hebrew, mut greek, mut thai, mut devanagari, mut ukrainian) = (0, 0, 0, 0, 0);
    for ch in chars.filter(|ch| ch.is_alphabetic()) {
        letters += 1;
        if ch.is_ascii() {
            continue;
        }
        match ch {
            '\u{3040}'..='\u{30ff}' => kana += 1,
            '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => han += 1,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => hangul += 1,
            'і' | 'ї' | 'є' | 'ґ' => {
                cyrillic += 1;
                ukrainian += 1;
            }
            '\u{400}'..='\u{52f}' => cyrillic += 1,
            '\u{600}'..='\u{6ff}' => arabic += 1,
            '\u{590}'..='\u{5ff}' => hebrew += 1,
            '\u{370}'..='\u{3ff}' => greek += 1,
            '\u{e00}'..='\u{e7f}' => thai += 1,
            '\u{900}'..='\u{97f}' => devanagari += 1,
            _ => {}
        }
    }
    // A character of these scripts carries as much as several letters: names in Latin script
    // inside do not outvote them.
    let carries = |count: usize, weight: usize| count > 0 && count * weight * 2 > letters;
    if carries(kana + han, 2) {
        return Some(if kana * 10 >= han {
            if kana == 0 { "zh" } else { "ja" }
        } else {
            "zh"
        });
    }
    [
        (hangul, 2, "ko"),
        (
            cyrillic,
            1,
            if ukrainian * 40 > cyrillic {
                "uk"
            } else {
                "ru"
            },
        ),
        (arabic, 1, "ar"),
        (hebrew, 1, "he"),
        (greek, 1, "el"),
        (thai, 1, "th"),
        (devanagari, 1, "hi"),
    ]
    .into_iter()
    .find_map(|(count, weight, code)| carries(count, weight).then_some(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        language([Words::new(text, 0..text.len())].iter())
    }

    #[test]
    fn languages_are_told_apart_by_script_and_common_words() {
        for (text, code) in [
            ("Could you send me the report by Friday?", "en"),
            (
                "Kannst du mir bitte den Bericht bis Freitag schicken?",
                "de",
            ),
            ("Pourriez-vous m'envoyer le rapport avant vendredi ?", "fr"),
            ("¿Podrías enviarme el informe antes del viernes?", "es"),
            ("Puoi inviare il rapporto entro venerdì? Grazie", "it"),
            (
                "Você pode enviar o relatório até sexta-feira? Obrigado",
                "pt",
            ),
            ("Kun je het rapport voor vrijdag sturen? Bedankt", "nl"),
            ("資料を金曜日までに送ってください。", "ja"),
            ("请在周五之前把报告发给我。", "zh"),
            ("금요일까지 보고서를 보내 주세요.", "ko"),
            ("Пришлите отчёт до пятницы", "ru"),
            ("done", "en"),
            ("Passt, danke.", "de"),
            ("Perfeito, muito obrigada!", "pt"),
            ("C'est noté.", "fr"),
            ("Jag är här nu", "sv"),
            // A foreign name or greeting does not turn a text.
            ("Müller and Søren will be there with the others.", "en"),
            ("Ciao, kannst du mir bitte das Protokoll schicken?", "de"),
            ("12345 !!!", "und"),
            ("", "und"),
        ] {
            assert_eq!(of(text), code, "{text}");
        }
    }
}
