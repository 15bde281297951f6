//! `cargo xtask mailbox`: the mail that a deployment without a mail service would have sent, such as
//! the message that lets a password be set anew.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::commands::setup;
use crate::database::{Row, Storage};
use crate::project::Project;
use crate::terminal;

/// How many messages are shown; an older one is void anyway.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Look into the state of `cargo xtask demo` instead of that of `cargo xtask dev`
    #[arg(long, conflicts_with = "remote")]
    demo: bool,
    /// Look into the deployment at Cloudflare
    #[arg(long)]
    remote: bool,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    setup::run(project)?;
    let storage = if options.remote {
        Storage::open(project, true)?
    } else {
        Storage::looking(project, if options.demo { "demo" } else { "state" })?
    };
    let rows = storage.query(&format!(
        "SELECT message, created_at FROM (SELECT * FROM development_mailbox \
         ORDER BY created_at DESC LIMIT {SHOWN}) ORDER BY created_at"
    ))?;
    if rows.is_empty() {
        terminal::say("there are no messages");
    }
    for row in &rows {
        let message = text(row, "message").replace("\r\n", "\n");
        println!("--- {}\n{}", text(row, "created_at"), message.trim_end());
    }
    Ok(())
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}
