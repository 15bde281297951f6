//! Cloudflare's command line, under the project's own Node and without questions or telemetry.

use anyhow::Result;

use crate::process::Program;
use crate::project::Project;

/// `wrangler` with these arguments, to be run in the checkout.
pub(crate) fn program(
    project: &Project,
    arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>,
) -> Result<Program> {
    let program = Program::new(project.npm_tool("node"))
        .named("wrangler")
        .arg(project.path("node_modules/wrangler/bin/wrangler.js"))
        .args(arguments)
        .within(project.root());
    Ok(quiet(program).env("PATH", project.search_path()?))
}

/// Settings that keep wrangler and its runtime from asking, reporting, or reaching out.
pub(crate) fn quiet(program: Program) -> Program {
    program
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_SEND_ERROR_REPORTS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("WRANGLER_NO_SKILLS_UPDATE_PROMPTS", "true")
        .env("WRANGLER_WRITE_LOGS", "false")
        // Without it Miniflare fetches a sample of Request.cf from the internet at every start.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("NO_UPDATE_NOTIFIER", "1")
}
