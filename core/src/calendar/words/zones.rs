//! Zones in words: by their short names, by their cities, by whose clock they are.

use chrono_tz::Tz;

use crate::analysis::words::fold;
use crate::dates::zones::{SHORT, of_place};
use crate::time::parse_zone;

use super::facts::{Ask, ZoneFact};
use super::reader::Reader;

/// What a zone's words come to.
#[derive(Debug, Clone)]
pub(super) enum Read {
    Zone(ZoneFact),
    Ask(Ask),
}

impl Reader<'_> {
    /// A zone: where its words end, and which.
    pub(super) fn zone(&self, at: usize) -> Option<(usize, Read)> {
        let words = &self.words;
        let found = |end: usize, zone: Tz| {
            let zone = ZoneFact {
                zone,
                offset_hours: None,
            };
            Some((end, Read::Zone(zone)))
        };
        if let Some(found) = self.short_zone(at) {
            return Some(found);
        }
        // `Europe/Berlin`, `America/Argentina/Buenos_Aires`
        if matches!(words.gap_after(at), "/") && words.is_capital(at) {
            for last in (at + 1..at + 5).rev() {
                if last < words.len()
                    && let Some(zone) = parse_zone(self.slice(at..last + 1))
                {
                    return found(last + 1, zone);
                }
            }
        }
        if matches!(words.get(at), "my" | "our" | "local" | "meiner" | "meine")
            && matches!(words.get(at + 1), "time" | "zeit")
        {
            let end = at + 2 + usize::from(words.get(at + 2) == "zone");
            return found(end, self.context.time_zone);
        }
        // `heure de Paris`, `hora de Madrid`
        if matches!(
            (words.get(at), words.get(at + 1)),
            ("heure" | "hora", "de" | "d" | "del")
        ) {
            return self
                .longest_place(at + 2)
                .and_then(|(end, zone)| found(end, zone));
        }
        // `London time`, `Berliner Zeit`, `Ana's time`
        let time = (at + 1..at + 4).find(|place| {
            matches!(words.get(*place), "time" | "zeit")
                && !words.gap_after(place - 1).contains(['.', ',', ';', '\n'])
        })?;
        let end = time + 1 + usize::from(words.get(time + 1) == "zone");
        let name: Vec<&str> = (at..time).map(|place| words.get(place)).collect();
        let name = name.join(" ");
        let german = || name.strip_suffix("er").and_then(of_place);
        if let Some(zone) = of_place(&name).or_else(german) {
            return found(end, zone);
        }
        if time == at + 1
            && let Some(owner) = name.strip_suffix("'s")
        {
            let person = self.people_called(owner);
            if let [only] = person.as_slice()
                && let Some(zone) = self
                    .context
                    .people
                    .get(*only)
                    .and_then(|person| person.time_zone)
            {
                return found(end, zone);
            }
            if !person.is_empty() {
                let text = "Which zone is that?";
                return Some((end, Read::Ask(Ask::new("which_zone", at..end, text))));
            }
        }
        if time == at + 1 && at > 0 && words.is_capital(at) && words.get(time) == "time" {
            let text = format!("No zone is known by the name of {}.", words.source(at));
            return Some((end, Read::Ask(Ask::new("unknown_zone", at..end, text))));
        }
        None
    }

    /// `ET`, `CEST`, `UTC+2`.
    fn short_zone(&self, at: usize) -> Option<(usize, Read)> {
        let words = &self.words;
        let word = words.get(at);
        if !words.source(at).chars().all(char::is_uppercase) {
            return None;
        }
        let (_, offset_hours, zones) = SHORT.iter().find(|(name, _, _)| *name == word)?;
        if matches!(word, "utc" | "gmt")
            && let sign @ ("+" | "-" | "−") = words.gap_after(at).trim()
            && let Some(hours) = words
                .get(at + 1)
                .parse::<i32>()
                .ok()
                .filter(|hours| (0..=12).contains(hours))
        {
            // The database counts these westwards.
            let sign = if sign == "+" { '-' } else { '+' };
            let name = if hours == 0 {
                "UTC".to_owned()
            } else {
                format!("Etc/GMT{sign}{hours}")
            };
            let zone = parse_zone(&name)?;
            return Some((
                at + 2,
                Read::Zone(ZoneFact {
                    zone,
                    offset_hours: None,
                }),
            ));
        }
        let end = at + 1 + usize::from(words.get(at + 1) == "time");
        if let [only] = zones {
            let zone = parse_zone(only)?;
            let offset_hours = *offset_hours;
            return Some((end, Read::Zone(ZoneFact { zone, offset_hours })));
        }
        let text = format!("{} is the name of several zones.", words.source(at));
        let mut which = Ask::new("which_zone", at..end, text);
        for zone in *zones {
            which = which.or(zone.replace('_', " "), *zone);
        }
        Some((end, Read::Ask(which)))
    }

    fn longest_place(&self, at: usize) -> Option<(usize, Tz)> {
        (1..=3).rev().find_map(|length| {
            let name: Vec<&str> = (at..at + length)
                .map(|place| self.words.get(place))
                .collect();
            of_place(&fold(&name.join(" "))).map(|zone| (at + length, zone))
        })
    }
}
