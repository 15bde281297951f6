//! Runs over real mail where there is any: `DELEGATE_DATA`, or `../shared/data` beside the
//! workspace. None of it is part of the project, so elsewhere these tests say so and pass.
//!
//! `DELEGATE_DUMP=1 cargo test -p delegate-core --test corpus -- --nocapture` prints every message
//! as it was understood.

#![expect(
    clippy::disallowed_methods,
    reason = "measures natively, where there is a clock"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail by panicking, and this one reports"
)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use delegate_core::mail::body::{regions, snippet};
use delegate_core::mail::mbox::{Span, Splitter, unescape};
use delegate_core::mail::message::Message;
use delegate_core::mail::parse::{dedupe_key, parse};

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("DELEGATE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "skipped: no data in {} (see DELEGATE_DATA)",
        folder.display()
    );
    None
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
}

fn check(message: &Message) {
    let mut end = 0;
    for region in regions(&message.text) {
        assert_eq!(region.start, end);
        end = region.end;
    }
    assert_eq!(end, message.text.len());
    assert!(!message.text.contains(['\0', '\r']));
    assert!(!message.subject.contains('\n'));
}

fn dump(title: &str, message: &Message) {
    if std::env::var_os("DELEGATE_DUMP").is_none() {
        return;
    }
    println!("\n======== {title}");
    println!(
        "from {:?} to {:?} cc {:?} reply {:?}",
        message.from, message.to, message.cc, message.reply_to
    );
    println!(
        "subject {:?} sent {:?} received {:?}",
        message.subject, message.sent_at, message.received_at
    );
    println!(
        "id {:?} references {:?}",
        message.message_id, message.references
    );
    println!("{:?}", message.signals);
    for attachment in &message.attachments {
        println!("{attachment:?}");
    }
    println!("snippet {:?}", snippet(&message.text));
    for region in regions(&message.text) {
        for line in message
            .text
            .get(region.start..region.end)
            .unwrap()
            .split_inclusive('\n')
        {
            print!("{:14}| {line}", format!("{:?}", region.kind));
        }
    }
}

/// How often the file is split to measure how long it takes.
const ROUNDS: u32 = 50;

fn split(file: &[u8], rounds: u32) -> Vec<Span> {
    let mut spans = Vec::new();
    for _ in 0..rounds {
        spans.clear();
        let mut splitter = Splitter::new();
        for chunk in file.chunks(64 * 1024) {
            spans.extend(splitter.push(splitter.offset(), chunk).unwrap());
        }
        spans.extend(splitter.finish().unwrap());
    }
    spans
}

#[test]
fn every_message_of_the_mbox_is_found_and_parsed() {
    let Some(folder) = data() else { return };
    let file = std::fs::read(folder.join("enron/dev.mbox")).unwrap();
    let spans = split(&file, 1);
    let started = Instant::now();
    split(&file, ROUNDS);
    let split_in = started.elapsed() / ROUNDS;
    assert_eq!(spans.len(), 511);
    let started = Instant::now();
    let messages: Vec<(String, Message)> = spans
        .iter()
        .map(|span| {
            let start = usize::try_from(span.offset).unwrap();
            let end = start + usize::try_from(span.length).unwrap();
            let raw = unescape(&file[start..end]);
            let message = parse(&raw).unwrap();
            (dedupe_key(&message, &raw), message)
        })
        .collect();
    let parsed_in = started.elapsed();
    for (key, message) in &messages {
        check(message);
        assert!(
            message.from.is_some() && message.sent_at.is_some() && key.starts_with("mid:"),
            "{key}"
        );
        dump(key, message);
    }
    let started = Instant::now();
    let count: usize = messages
        .iter()
        .map(|(_, message)| regions(&message.text).len())
        .sum();
    println!(
        "{} bytes: split in {split_in:?}, parsed in {parsed_in:?}, {count} regions in {:?}",
        file.len(),
        started.elapsed()
    );
}

#[test]
fn every_odd_message_is_parsed_or_refused_with_a_reason() {
    let Some(folder) = data() else { return };
    let mut paths = Vec::new();
    files(&folder.join("eml"), "eml", &mut paths);
    paths.sort();
    let mut parsed = 0;
    for path in &paths {
        let raw = std::fs::read(path).unwrap();
        let title = path.file_name().unwrap().to_string_lossy().into_owned();
        match parse(&raw) {
            Ok(message) => {
                parsed += 1;
                check(&message);
                dump(&title, &message);
            }
            Err(error) => println!("{title}: {error}"),
        }
    }
    println!("{parsed} of {} odd messages parsed", paths.len());
    assert!(!paths.is_empty());
}

#[test]
fn a_message_at_the_size_limit_is_parsed() {
    let mut raw = b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the film.\r\n--b\r\nContent-Type: video/mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n".to_vec();
    let line = [&[b'A'; 76][..], b"\r\n"].concat();
    while raw.len() < 25 * 1024 * 1024 {
        raw.extend_from_slice(&line);
    }
    raw.extend_from_slice(b"--b--\r\n");
    let started = Instant::now();
    let message = parse(&raw).unwrap();
    println!(
        "{} bytes with an attachment parsed in {:?}",
        raw.len(),
        started.elapsed()
    );
    assert_eq!(message.text, "See the film.");
    assert!(message.attachments[0].size_bytes > 18_000_000);
}
