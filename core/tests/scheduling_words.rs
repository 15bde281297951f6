#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    missing_docs
)]
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use delegate_core::calendar::hours::values::Weekday;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::words::interpret;
use delegate_core::calendar::words::interpretation::Interpretation;
use delegate_core::calendar::words::reader::{Context, NamedEvent, Person};
use delegate_core::time::Timestamp;
use serde_json::Value;

fn person(id: Option<&str>, email: Option<&str>, name: &str, zone: Option<&str>) -> Person {
    Person {
        user_id: id.map(str::to_owned),
        email: email.map(str::to_owned),
        name: name.to_owned(),
        time_zone: zone.map(|zone| zone.parse().expect("a zone")),
    }
}

fn people() -> Vec<Person> {
    vec![
        person(
            Some("usr_ana"),
            Some("ana@example.com"),
            "Ana Silva",
            Some("America/Sao_Paulo"),
        ),
        person(Some("usr_raj"), None, "Raj Patel", Some("Asia/Kolkata")),
        person(None, Some("kim@example.com"), "Kim Lee", None),
        person(None, Some("anna.berg@example.com"), "Anna Berg", None),
        person(None, Some("anna.weiss@example.com"), "Anna Weiß", None),
        person(None, Some("robert@example.com"), "Robert Smith", None),
    ]
}

fn event(summary: &str, start: &str, end: &str) -> NamedEvent {
    let at = |text: &str| Timestamp::parse(text).expect("an instant").milliseconds();
    NamedEvent {
        summary: summary.to_owned(),
        interval: Interval {
            start: at(start),
            end: at(end),
        },
    }
}

fn events() -> Vec<NamedEvent> {
    vec![
        event(
            "Board meeting",
            "2026-03-12T14:00:00Z",
            "2026-03-12T16:00:00Z",
        ),
        event(
            "Flight to Lisbon",
            "2026-03-10T06:30:00Z",
            "2026-03-10T09:45:00Z",
        ),
        event("Team sync", "2026-03-06T09:00:00Z", "2026-03-06T09:30:00Z"),
        event("Team sync", "2026-03-13T09:00:00Z", "2026-03-13T09:30:00Z"),
        event("Offsite", "2026-04-20T07:00:00Z", "2026-04-21T15:00:00Z"),
    ]
}

fn show(i: &Interpretation) -> String {
    let v: Value = serde_json::to_value(i).unwrap();
    let r = &v["request"];
    let zone: Tz = r["time_zone"].as_str().unwrap().parse().unwrap();
    let local = |t: &Value| {
        t.as_str()
            .unwrap()
            .parse::<DateTime<Utc>>()
            .unwrap()
            .with_timezone(&zone)
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    };
    let mut out = vec![format!("{}m", r["duration_minutes"])];
    match r.get("window") {
        Some(w) => out.push(format!("{}..{}", local(&w["start"]), local(&w["end"]))),
        None => out.push("no window".into()),
    }
    if zone.name() != "Europe/Berlin" {
        out.push(zone.name().into());
    }
    for a in r["attendees"].as_array().unwrap() {
        let who = a["user_id"].as_str().or(a["email"].as_str()).unwrap();
        out.push(format!(
            "with {who}{}",
            if a["required"].as_bool().unwrap() {
                ""
            } else {
                "?"
            }
        ));
    }
    let join = |v: &Value| {
        v.as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(",")
    };
    for (k, c) in r["constraints"].as_object().unwrap() {
        let text = match (k.as_str(), c) {
            ("working_hours", Value::String(s)) if s == "require" => continue,
            ("focus_time" | "lunch" | "daily_limit", Value::String(s)) if s == "prefer" => continue,
            ("tentative", Value::String(s)) if s == "busy" => continue,
            ("times", Value::Array(t)) => t
                .iter()
                .map(|t| {
                    format!(
                        "{}-{}",
                        t["start"].as_str().unwrap(),
                        t["end"].as_str().unwrap()
                    )
                })
                .collect::<Vec<_>>()
                .join(","),
            ("after" | "before", v) => local(v),
            (_, Value::Array(_)) => join(c),
            (_, Value::String(s)) => s.clone(),
            (_, o) => o.to_string(),
        };
        out.push(format!("{k} {text}"));
    }
    for (k, c) in v["meeting"].as_object().unwrap() {
        out.push(format!("{k} {}", c.as_str().unwrap()));
    }
    for q in &i.questions {
        out.push(format!(
            "?{} {:?} -> {}",
            q.code,
            q.about,
            q.choices
                .iter()
                .map(|c| c.words.clone())
                .collect::<Vec<_>>()
                .join(" / ")
        ));
    }
    for x in &i.ignored {
        out.push(format!("ignored {:?}", x.text));
    }
    out.join(" | ")
}

#[test]
fn explore() {
    let people = people();
    let events = events();
    for line in std::fs::read_to_string("/tmp/phrases.txt").unwrap().lines() {
        let (now, text) = line.split_once('|').unwrap();
        let now = if now.is_empty() {
            "2026-03-04T10:00:00+01:00"
        } else {
            now
        };
        let c = Context {
            now: Timestamp::parse(now).unwrap(),
            time_zone: "Europe/Berlin".parse().unwrap(),
            week_start: Weekday::Mo,
            people: &people,
            events: &events,
        };
        let i = interpret(text, &c);
        println!("{text}\n      {}", show(&i));
    }
}
