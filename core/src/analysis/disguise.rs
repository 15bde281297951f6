//! Whom a sender or a link pretends to be: a brand, or somebody of the reader's own domain.

use std::sync::LazyLock;

use super::AnalysisInput;
use super::words::fold;
use crate::mail::domain::{are_related, registered};

/// How a sender dresses up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Disguise {
    /// The domain was made to be misread.
    Lookalike(String),
    /// The name is there, but the domain is another one.
    WearsName(String),
}

/// Domains where anybody can have an address: they tell nothing of who belongs together.
#[rustfmt::skip] // a table: packed, not one word a line
const PUBLIC_DOMAINS: &[&str] = &[
    "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "hotmail.com", "hotmail.de",
    "hotmail.fr", "live.com", "msn.com", "yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk",
    "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.at",
    "gmx.com", "gmx.ch", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
    "mail.com", "email.com", "proton.me", "protonmail.com", "pm.me", "fastmail.com", "hey.com",
    "zoho.com", "tutanota.com", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr",
    "libero.it", "virgilio.it", "terra.es", "telefonica.net", "uol.com.br", "bol.com.br",
    "mail.ru", "yandex.ru", "yandex.com", "qq.com", "163.com", "126.com", "naver.com",
    "bluewin.ch", "btinternet.com", "comcast.net", "verizon.net", "att.net",
];

/// Below this many letters names are too short to tell a likeness from an accident.
const SHORTEST_NAME: usize = 5;

/// From this many letters on two of them may differ.
const LONG_NAME: usize = 9;

fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// The reader's own registered domains.
fn own_domains<'a>(input: &AnalysisInput<'a>) -> impl Iterator<Item = &'a str> {
    let own = input.own_addresses.iter().take(10);
    own.map(|address| registered(domain_of(address)))
        .filter(|domain| !domain.is_empty() && !PUBLIC_DOMAINS.contains(domain))
}

/// Whether the sender has a confirmed address of the reader's own domain.
pub(super) fn is_colleague(input: &AnalysisInput<'_>) -> bool {
    let Some(from) = input.from else {
        return false;
    };
    let domain = domain_of(&from.address);
    !input.signals.sender_is_doubtful && own_domains(input).any(|own| are_related(own, domain))
}

/// How the sender dresses up, if they do.
pub(super) fn disguise(input: &AnalysisInput<'_>) -> Option<Disguise> {
    let from = input.from?;
    let domain = domain_of(&from.address);
    own_domains(input)
        .find_map(|own| likeness(domain, own))
        .or_else(|| brand(domain, from.name.as_deref().unwrap_or_default()))
}

/// Whether a domain is made to be taken for one of the reader's own.
fn likeness(domain: &str, own: &str) -> Option<Disguise> {
    let other = registered(domain);
    let (mine, theirs) = (first_label(own), first_label(other));
    if other == own || mine.len() < SHORTEST_NAME || PUBLIC_DOMAINS.contains(&other) {
        return None;
    }
    let allowed = if mine.chars().count() >= LONG_NAME {
        2
    } else {
        1
    };
    let is_alike =
        mine != theirs && (skeleton(mine) == skeleton(theirs) || distance(mine, theirs) <= allowed);
    if is_alike {
        return Some(Disguise::Lookalike(format!(
            "The sender's domain only looks like {own}."
        )));
    }
    // `northwind-support.example`, `northwind.login.example`: the name is worn by another domain.
    let worn = domain
        .split(['.', '-'])
        .any(|part| part == mine || (part != theirs && skeleton(part) == skeleton(mine)));
    (worn && mine != theirs).then(|| {
        Disguise::WearsName(format!(
            "The sender's domain has {mine} in it, but is not {own}."
        ))
    })
}

fn first_label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or_default()
}

/// A name with all letters that are taken for each other made one.
fn skeleton(name: &str) -> String {
    let plain: String = fold(name)
        .chars()
        .filter_map(|ch| match ch {
            '0' | 'о' | 'ο' => Some('o'),
            '1' | 'i' | 'і' | 'ι' | '|' => Some('l'),
            '3' | 'е' => Some('e'),
            '5' | 'ѕ' => Some('s'),
            'а' | 'α' => Some('a'),
            'р' | 'ρ' => Some('p'),
            'с' => Some('c'),
            'х' => Some('x'),
            'у' => Some('y'),
            '-' => None,
            other => Some(other),
        })
        .collect();
    plain.replace("rn", "m").replace("vv", "w")
}

/// How many letters differ: inserted, left out, replaced, or two neighbours swapped.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (row, letter) in one.chars().take(64).enumerate() {
        let mut line = vec![row + 1];
        for (column, theirs) in other.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX);
            let mut best = (at(&above, column) + usize::from(letter != *theirs))
                .min(at(&above, column + 1) + 1)
                .min(at(&line, column) + 1);
            let swapped = column
                .checked_sub(1)
                .filter(|place| last == Some(*theirs) && other.get(*place) == Some(&letter));
            if let Some(place) = swapped
                && row > 0
            {
                best = best.min(at(&before, place) + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
        last = Some(letter);
    }
    above.last().copied().unwrap_or(0)
}

/// Names that fraud likes to wear, and what their true domains contain.
#[rustfmt::skip] // a table: packed, not one word a line
const BRANDS: &[&str] = &[
    "paypal", "amazon", "apple", "microsoft", "google", "netflix", "facebook", "instagram",
    "linkedin", "dropbox", "docusign", "dhl", "fedex", "ups", "usps", "chase", "wells fargo",
    "bank of america", "citibank", "hsbc", "santander", "sparkasse", "coinbase", "binance",
    "stripe", "office365", "outlook", "icloud", "whatsapp", "ebay",
];

/// A name as it is told, in one word, and with letters that are taken for each other made one.
static WORN_BRANDS: LazyLock<Vec<(&str, String, String)>> = LazyLock::new(|| {
    let worn = BRANDS.iter().map(|brand| {
        let joined = brand.replace(' ', "");
        let skeleton = skeleton(&joined);
        (*brand, joined, skeleton)
    });
    worn.collect()
});

fn brand(domain: &str, name: &str) -> Option<Disguise> {
    if domain.split('.').any(|label| label.starts_with("xn--")) {
        return Some(Disguise::Lookalike(
            "The sender's domain is written in look-alike letters.".to_owned(),
        ));
    }
    let labels: Vec<String> = domain.split('.').map(skeleton).collect();
    let name = fold(name);
    for (brand, joined, wanted) in &*WORN_BRANDS {
        if domain.split('.').any(|label| label == joined) {
            return None;
        }
        // `paypa1.com`, `paypal-security.com`: the name is there, but is not a label of its own.
        let worn = joined.len() >= SHORTEST_NAME
            && domain.contains('-')
            && domain.split(['.', '-']).any(|label| label == joined);
        if labels.contains(wanted) || worn {
            return Some(Disguise::Lookalike(format!(
                "The sender's domain only looks like {brand}."
            )));
        }
        if has_word(&name, brand)
            && !domain.contains(joined)
            && !name.contains(" via ")
            && !name.contains(" at ")
            && !name.contains(" from ")
        {
            return Some(Disguise::Lookalike(format!(
                "The sender is called {brand}, but the address is not {brand}'s."
            )));
        }
    }
    None
}

fn has_word(text: &str, brand: &str) -> bool {
    text == brand
        || text
            .split(|ch: char| !ch.is_alphanumeric() && ch != ' ')
            .any(|part| part == brand)
        || text.split(' ').any(|part| part == brand)
}

/// How many links of a text are looked at.
const MAX_LINKS: usize = 40;

/// Whether a link of the text leads elsewhere than it says (`https://bank.example
/// <https://eve.example>`), or to a domain made to be taken for the reader's own.
pub(super) fn has_misleading_link(input: &AnalysisInput<'_>) -> bool {
    let links = links(input.text);
    let told_otherwise = links.windows(2).any(|pair| match pair {
        [shown, target] => {
            let between = input.text.get(shown.end..target.start).unwrap_or_default();
            between.len() <= 3
                && between.contains(['<', '(', '['])
                && between.chars().all(|ch| " <([\n".contains(ch))
                && !are_related(&shown.host, &target.host)
        }
        _ => false,
    });
    told_otherwise
        || links
            .iter()
            .any(|link| own_domains(input).any(|own| likeness(&link.host, own).is_some()))
}

/// A link in a text.
#[derive(Debug)]
struct Link {
    start: usize,
    end: usize,
    host: String,
}

/// What links begin with.
const LINK_MARKS: [&str; 3] = ["https://", "http://", "www."];

fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut from = 0;
    // Where each mark is next. What is not there is not looked for again behind every link.
    let mut ahead = LINK_MARKS.map(|mark| text.find(mark));
    while links.len() < MAX_LINKS {
        for (mark, at) in LINK_MARKS.iter().zip(&mut ahead) {
            if at.is_some_and(|at| at < from) {
                let rest = text.get(from..).and_then(|rest| rest.find(mark));
                *at = rest.map(|found| from + found);
            }
        }
        let marks = LINK_MARKS.iter().zip(ahead);
        let Some((start, length)) = marks.filter_map(|(mark, at)| Some((at?, mark.len()))).min()
        else {
            break;
        };
        let is_www = length == 4;
        let tail = text.get(start + length..).unwrap_or_default();
        let long = tail
            .find(|ch: char| ch.is_whitespace() || "<>()[]\"'".contains(ch))
            .unwrap_or(tail.len());
        let address = tail.get(..long).unwrap_or_default();
        let host = address
            .split(['/', '?', '#', ':'])
            .next()
            .unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default().to_lowercase();
        let end = start + length + long;
        if !host.is_empty() {
            let host = if is_www {
                host
            } else {
                host.trim_start_matches("www.").to_owned()
            };
            links.push(Link { start, end, host });
        }
        from = end;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_that_is_misread_is_a_lookalike_and_a_firm_of_its_own_is_none() {
        let own = "northwind.example";
        for domain in [
            "northwlnd.example",
            "n0rthwind.example",
            "northwnid.example",
            "northwiind.test",
            "northvvind.com",
            "mail.nortwhind.example",
        ] {
            assert!(
                matches!(likeness(domain, own), Some(Disguise::Lookalike(_))),
                "{domain}"
            );
        }
        for domain in ["northwind-it.example", "northwind.secure-login.test"] {
            assert!(
                matches!(likeness(domain, own), Some(Disguise::WearsName(_))),
                "{domain}"
            );
        }
        for domain in [
            "northwind.example",
            "mail.northwind.example",
            "northern.example",
            "harborpine.example",
            "gmail.com",
            "northwind.test",
        ] {
            assert_eq!(likeness(domain, own), None, "{domain}");
        }
        assert_eq!(likeness("gmx.de", "acme.de"), None);
    }

    #[test]
    fn links_are_found_with_their_hosts() {
        let hosts: Vec<String> = links(
            "See https://a.example/x?y, (http://www.b.example) and www.c.example. https://u@d.example:8/",
        )
        .into_iter()
        .map(|link| link.host)
        .collect();
        assert_eq!(hosts, ["a.example", "b.example", "c.example.", "d.example"]);
    }
}
