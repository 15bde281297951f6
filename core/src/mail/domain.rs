//! Domains: which of them belong together.

/// The name that somebody registered, which everything below it belongs to.
///
/// Without the public suffix list, two labels count as it, three where the second is as short as
/// in `co.uk`.
pub(crate) fn registered(domain: &str) -> &str {
    let mut ends = domain.rmatch_indices('.').map(|(at, _)| at);
    let country = ends.next();
    let second = ends.next();
    let third = ends.next();
    let is_short = |from: usize, to: usize| to.saturating_sub(from) <= 4;
    let cut = match (country, second) {
        (Some(country), Some(second))
            if domain.len() - country == 3 && is_short(second, country) =>
        {
            third
        }
        _ => second,
    };
    cut.and_then(|at| domain.get(at + 1..)).unwrap_or(domain)
}

/// Whether one domain is the other or lies below it, or both lie below the same registered name.
pub(crate) fn are_related(one: &str, other: &str) -> bool {
    registered(one) == registered(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_name_belongs_to_it() {
        for (domain, expected) in [
            ("mail.northwind.example", "northwind.example"),
            ("northwind.example", "northwind.example"),
            ("a.b.firm.co.uk", "firm.co.uk"),
            ("firm.co.uk", "firm.co.uk"),
            ("mail.firm.de", "firm.de"),
            ("localhost", "localhost"),
            ("", ""),
        ] {
            assert_eq!(registered(domain), expected);
        }
        assert!(are_related("a.firm.de", "b.firm.de"));
        assert!(!are_related("firm.de", "f1rm.de"));
    }
}
