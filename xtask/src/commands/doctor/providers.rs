//! What `cargo xtask doctor` says of Google and Microsoft: whether there is a client at each, whether
//! its values can be right, which addresses to register, and whether the provider answers.
//!
//! Local runs and the deployment are looked at each for itself. Of the deployment's secrets only the
//! names can be seen. docs/PROVIDERS.md tells how to come by every value.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Finding::{self, Blocks, Fine, Remark};
use super::models;
use crate::commands::deploy::{self, Deployment};
use crate::local::DEFAULT_PORT;
use crate::process::Program;
use crate::project::Project;

/// What of a provider is not the same for both.
struct Provider {
    title: &'static str,
    /// As in paths.
    name: &'static str,
    id: &'static str,
    secret: &'static str,
    issuer: &'static str,
    default_issuer: &'static str,
}

const PROVIDERS: [Provider; 2] = [
    Provider {
        title: "Google",
        name: "google",
        id: "GOOGLE_CLIENT_ID",
        secret: "GOOGLE_CLIENT_SECRET",
        issuer: "GOOGLE_ISSUER",
        default_issuer: "https://accounts.google.com",
    },
    Provider {
        title: "Microsoft",
        name: "microsoft",
        id: "MICROSOFT_CLIENT_ID",
        secret: "MICROSOFT_CLIENT_SECRET",
        issuer: "MICROSOFT_ISSUER",
        default_issuer: "https://login.microsoftonline.com/common/v2.0",
    },
];

/// What every Google client's identifier ends with.
const GOOGLE_CLIENT: &str = ".apps.googleusercontent.com";
/// The tenant that Microsoft means by "consumers".
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The secrets that are keys, and whether several may stand in one.
const KEYS: [(&str, bool); 3] = [
    ("TOKEN_SIGNING_KEYS", true),
    ("TOKEN_ENCRYPTION_KEYS", true),
    ("DELEGATE_SECRET", false),
];

/// A variable as it is seen from here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Known(String),
    /// It is there, and nobody can read it.
    Hidden,
}

/// The variables of one place where the Worker runs.
#[derive(Debug, Default)]
pub(super) struct Place {
    variables: BTreeMap<String, Seen>,
    /// Whether a secret that is not among them may be there all the same.
    pub(super) is_partial: bool,
}

impl Place {
    /// Local runs: what `wrangler.toml` says, over it `.dev.vars`, and over both `cargo xtask dev`.
    fn local(deployment: &Deployment, file: &str) -> Self {
        let mut place = Self::of(deployment);
        place.add(read_variables(file));
        let url = format!("http://127.0.0.1:{DEFAULT_PORT}");
        place.add([("PUBLIC_URL".to_owned(), Seen::Known(url))]);
        place
    }

    /// A file in the format of `.env`, and nothing else.
    #[cfg(test)]
    pub(super) fn read(file: &str) -> Self {
        let mut place = Self::default();
        place.add(read_variables(file));
        place
    }

    fn of(deployment: &Deployment) -> Self {
        let mut place = Self::default();
        let texts = deployment.variables().filter_map(|(name, value)| {
            let text = value.as_str()?;
            Some((name.clone(), Seen::Known(text.to_owned())))
        });
        place.add(texts);
        place
    }

    fn add(&mut self, variables: impl IntoIterator<Item = (String, Seen)>) {
        for (name, value) in variables {
            if value != Seen::Known(String::new()) {
                self.variables.insert(name, value);
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// A value that can be read.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.variables.get(name)? {
            Seen::Known(text) => Some(text),
            Seen::Hidden => None,
        }
    }

    fn public_url(&self) -> &str {
        self.text("PUBLIC_URL")
            .unwrap_or_default()
            .trim_end_matches('/')
    }

    fn issuer<'a>(&'a self, provider: &'a Provider) -> &'a str {
        self.text(provider.issuer)
            .unwrap_or(provider.default_issuer)
    }

    fn has_client(&self, provider: &Provider) -> bool {
        self.has(provider.id) && self.has(provider.secret)
    }
}

/// Looks at what local runs are told.
pub(super) fn local(project: &Project) -> Vec<Finding> {
    let Ok(deployment) = Deployment::read(project) else {
        return Vec::new();
    };
    let file = std::fs::read_to_string(project.path(".dev.vars")).unwrap_or_default();
    let place = Place::local(&deployment, &file);
    let mut findings = judge_keys(&place);
    findings.extend(PROVIDERS.iter().flat_map(|one| judge(one, &place)));
    findings.extend(models::judge(&place));
    findings.extend(answers(project, &place));
    findings
}

/// Looks at what the deployment is told, as far as wrangler tells.
pub(super) fn deployed(project: &Project) -> Vec<Finding> {
    let Ok(deployment) = Deployment::read(project) else {
        return Vec::new();
    };
    if !deployment.obstacles().is_empty() {
        return Vec::new();
    }
    let mut place = Place::of(&deployment);
    let mut findings = Vec::new();
    if let Ok(names) = deploy::present(project) {
        place.add(names.into_iter().map(|name| (name, Seen::Hidden)));
        for (name, _) in KEYS.iter().filter(|(name, _)| !place.has(name)) {
            findings.push(Remark(format!(
                "the deployment has no {name}; `cargo xtask deploy` makes it"
            )));
        }
    } else {
        place.is_partial = true;
        findings.push(Remark(
            "the names of the deployment's secrets can't be seen; `node_modules/.bin/wrangler \
             login` lets `doctor` look"
                .to_owned(),
        ));
    }
    findings.extend(PROVIDERS.iter().flat_map(|one| judge(one, &place)));
    findings.extend(models::judge(&place));
    findings
}

/// The variables of a file in the format of `.env`.
fn read_variables(file: &str) -> Vec<(String, Seen)> {
    let mut variables = Vec::new();
    for line in file.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let name = name.trim().trim_start_matches("export ").trim();
        let value = value.trim();
        let quoted = ['"', '\'', '`'].iter().find_map(|quote| {
            let rest = value.strip_prefix(*quote)?;
            Some(rest.split_once(*quote)?.0)
        });
        let plain = || value.split_once(" #").map_or(value, |(before, _)| before);
        let value = quoted.unwrap_or_else(|| plain().trim());
        variables.push((name.to_owned(), Seen::Known(value.to_owned())));
    }
    variables
}

/// Whether the keys that can be read are keys.
fn judge_keys(place: &Place) -> Vec<Finding> {
    let broken: Vec<_> = KEYS
        .iter()
        .filter_map(|(name, may_be_several)| {
            let text = place.text(name)?;
            let parts: Vec<&str> = text.split(',').collect();
            let is_right =
                (*may_be_several || parts.len() == 1) && parts.iter().all(|part| is_key(part));
            let rule = if *may_be_several {
                "base64url of 32 bytes each, separated by commas"
            } else {
                "base64url of 32 bytes"
            };
            (!is_right).then(|| Blocks(format!("{name} in .dev.vars must be {rule}")))
        })
        .collect();
    if broken.is_empty() && KEYS.iter().all(|(name, _)| place.has(name)) {
        return vec![Fine("the keys in .dev.vars have their form".to_owned())];
    }
    broken
}

fn is_key(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text.trim().trim_end_matches('='))
        .is_ok_and(|bytes| bytes.len() == 32)
}

/// What is to be said of one provider in one place.
fn judge(provider: &Provider, place: &Place) -> Vec<Finding> {
    let title = provider.title;
    match (place.has(provider.id), place.has(provider.secret)) {
        (false, false) => {
            return vec![Remark(format!(
                "no signing in with {title}: {} and {} are not set (docs/PROVIDERS.md)",
                provider.id, provider.secret
            ))];
        }
        (true, true) => {}
        (true, false) if place.is_partial => {}
        (has_id, _) => {
            let (present, missing) = if has_id {
                (provider.id, provider.secret)
            } else {
                (provider.secret, provider.id)
            };
            return vec![Blocks(format!(
                "{present} is set and {missing} is not: every request would be a 500; set both or \
                 none"
            ))];
        }
    }
    let mut findings = wrong_values(provider, place);
    if findings.is_empty() {
        findings.push(Fine(format!("a client at {title}")));
    }
    findings.extend(redirect(provider, place));
    findings
}

/// The values that can't be right.
fn wrong_values(provider: &Provider, place: &Place) -> Vec<Finding> {
    let mut wrong = Vec::new();
    let issuer = place.issuer(provider);
    for name in [provider.id, provider.secret] {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if place.text(name).is_some_and(|text| !is_plain(text)) {
            wrong.push(Blocks(format!(
                "{name} has a space or another character that none has; copy it again"
            )));
        }
    }
    if !(issuer.starts_with("https://") || is_local(issuer)) || issuer.contains(['?', '#']) {
        wrong.push(Blocks(format!(
            "{} is {issuer:?}; it must be an https address without query and fragment",
            provider.issuer
        )));
    }
    // A stand-in on this machine has what names it likes.
    if is_local(issuer) {
        return wrong;
    }
    let (id, secret) = (place.text(provider.id), place.text(provider.secret));
    if provider.name == "google" {
        if id.is_some_and(|id| !id.ends_with(GOOGLE_CLIENT)) {
            wrong.push(Blocks(format!(
                "{} does not end with {GOOGLE_CLIENT}; it is the client ID on the page Clients of \
                 the Google Auth Platform",
                provider.id
            )));
        }
        if secret.is_some_and(|secret| secret.ends_with(GOOGLE_CLIENT)) {
            wrong.push(Blocks(format!(
                "{} is a client ID, not a secret",
                provider.secret
            )));
        }
    } else {
        if id.is_some_and(|id| !is_guid(id)) {
            wrong.push(Blocks(format!(
                "{} is no GUID; it is the Application (client) ID on the overview of the app \
                 registration",
                provider.id
            )));
        }
        if secret.is_some_and(is_guid) {
            wrong.push(Blocks(format!(
                "{} is a GUID, so it is the ID of a secret; what is needed is its Value, which \
                 Entra shows only when the secret is made",
                provider.secret
            )));
        }
        if !issuer.ends_with("/v2.0") {
            wrong.push(Blocks(format!(
                "{} does not end with /v2.0; Delegate reads the tokens of that version only",
                provider.issuer
            )));
        }
    }
    wrong
}

/// The address to register, and whether it can be.
fn redirect(provider: &Provider, place: &Place) -> Vec<Finding> {
    let (title, base) = (provider.title, place.public_url());
    let uri = format!("{base}/api/v1/auth/{}/callback", provider.name);
    if !(base.starts_with("https://") || is_local(base)) {
        return vec![Blocks(format!(
            "PUBLIC_URL is {base:?}; {title} sends people back only to an https address, or to this \
             machine"
        ))];
    }
    let mut findings = vec![Fine(format!("registered at {title} must be: {uri}"))];
    let is_entra = provider.name == "microsoft" && !is_local(place.issuer(provider));
    if is_entra && base.starts_with("http://127.0.0.1") {
        findings.push(Remark(
            "Entra's form refuses http with 127.0.0.1; enter the address in the manifest \
             (docs/PROVIDERS.md)"
                .to_owned(),
        ));
    }
    findings
}

/// Whether an address is plain HTTP of this machine.
fn is_local(address: &str) -> bool {
    let host = address
        .strip_prefix("http://")
        .map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    matches!(host, Some("127.0.0.1" | "localhost")) || address.starts_with("http://[::1]")
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the providers that there is a client at answer, and as whom.
fn answers(project: &Project, place: &Place) -> Vec<Finding> {
    PROVIDERS
        .iter()
        .filter(|provider| place.has_client(provider))
        .map(|provider| {
            let issuer = place.issuer(provider);
            match metadata(project, issuer) {
                Ok(text) => judge_metadata(provider, issuer, &text),
                Err(error) => Remark(format!(
                    "{} was not reached, so its metadata was not looked at ({error})",
                    provider.title
                )),
            }
        })
        .collect()
}

/// Fetches with the project's Node: the client of this crate speaks no TLS.
const FETCH: &str = "const answer = await fetch(process.argv[1], { signal: AbortSignal.timeout(5000) }); \
    const text = await answer.text(); \
    console.log(answer.ok ? text : JSON.stringify({ status: answer.status }));";

/// A provider's metadata, or the last line of why there is none.
fn metadata(project: &Project, issuer: &str) -> Result<String, String> {
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let (status, text, error) = Program::new(project.npm_tool("node"))
        .args(["--input-type=module", "--eval", FETCH, "--"])
        .arg(address)
        .captured_all()
        .map_err(|error| format!("{error:#}"))?;
    if status.success() {
        return Ok(text);
    }
    let cause = error
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("code: "));
    Err(cause.map_or_else(
        || "no answer within 5 seconds".to_owned(),
        |code| code.trim_matches(|c: char| !c.is_alphanumeric()).to_owned(),
    ))
}

/// Whether metadata is the provider's.
fn judge_metadata(provider: &Provider, issuer: &str, text: &str) -> Finding {
    let title = provider.title;
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(status) = document.get("status").and_then(Value::as_u64) {
        return Blocks(format!(
            "{title} answered {status} for the metadata of {issuer}; is {} right?",
            provider.issuer
        ));
    }
    let expected = expected_issuer(provider, issuer);
    match document.get("issuer").and_then(Value::as_str) {
        Some(found) if found == expected => {
            Fine(format!("{title} answers, and its metadata is {found}'s"))
        }
        Some(found) => Blocks(format!(
            "the metadata of {issuer} is that of {found:?} and should be {expected:?}'s; is {} \
             right?",
            provider.issuer
        )),
        None => Blocks(format!(
            "what {title} answered at {issuer} is no metadata; is {} right?",
            provider.issuer
        )),
    }
}

/// What the metadata must call its issuer: Microsoft has a template where it answers for many
/// tenants (core/src/oauth/provider.rs).
fn expected_issuer(provider: &Provider, issuer: &str) -> String {
    let tenant = issuer
        .strip_suffix("/v2.0")
        .and_then(|rest| rest.rsplit_once('/'));
    match tenant {
        Some((authority, "common" | "organizations")) if provider.name == "microsoft" => {
            format!("{authority}/{{tenantid}}/v2.0")
        }
        Some((authority, "consumers")) if provider.name == "microsoft" => {
            format!("{authority}/{CONSUMERS}/v2.0")
        }
        _ => issuer.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const GOOGLE: &Provider = &PROVIDERS[0];
    const MICROSOFT: &Provider = &PROVIDERS[1];

    fn place(file: &str) -> Place {
        let mut place = Place::default();
        place.add(read_variables(file));
        place
    }

    /// What stops the work, of what is said about a provider.
    fn blocking(provider: &Provider, file: &str) -> Vec<String> {
        let base = "PUBLIC_URL=https://delegate.example\n";
        judge(provider, &place(&format!("{base}{file}")))
            .into_iter()
            .filter_map(|finding| match finding {
                Blocks(text) => Some(text),
                Fine(_) | Remark(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_file_is_read_as_wrangler_reads_it() {
        let file = "# A=1\nB = \"two # 2\"\nexport C='3'\nD=4 # four\nE=\nno line\n";
        let place = place(file);
        assert_eq!(place.text("B"), Some("two # 2"));
        assert_eq!(place.text("C"), Some("3"));
        assert_eq!(place.text("D"), Some("4"));
        assert!(!place.has("A") && !place.has("E"));
    }

    #[test]
    fn local_runs_are_reached_where_they_serve_whatever_is_deployed() -> anyhow::Result<()> {
        let deployment = toml::from_str(
            r#"
            [vars]
            PUBLIC_URL = "https://delegate.example"
            GOOGLE_CLIENT_ID = "deployed"
            "#,
        )?;
        let place = Place::local(&deployment, "GOOGLE_CLIENT_ID=own");
        assert_eq!(place.public_url(), "http://127.0.0.1:8787");
        assert_eq!(place.text("GOOGLE_CLIENT_ID"), Some("own"));
        Ok(())
    }

    #[test]
    fn no_client_is_a_remark_and_half_a_client_blocks() {
        assert!(blocking(GOOGLE, "").is_empty());
        assert_eq!(blocking(GOOGLE, "GOOGLE_CLIENT_ID=x").len(), 1);
        assert_eq!(blocking(MICROSOFT, "MICROSOFT_CLIENT_SECRET=x").len(), 1);
    }

    #[test]
    fn a_secret_that_nobody_can_see_is_not_called_missing() {
        let file = format!("PUBLIC_URL=https://delegate.example\nMICROSOFT_CLIENT_ID={GUID}");
        let mut place = place(&file);
        place.is_partial = true;
        let findings = judge(MICROSOFT, &place);
        assert!(findings.iter().all(|one| !matches!(one, Blocks(_))));
    }

    #[test]
    fn values_of_the_right_form_are_fine_and_the_redirect_is_told() {
        let google = format!("GOOGLE_CLIENT_ID=1-a{GOOGLE_CLIENT}\nGOOGLE_CLIENT_SECRET=GOCSPX-x");
        assert!(blocking(GOOGLE, &google).is_empty());
        let microsoft = format!("MICROSOFT_CLIENT_ID={GUID}\nMICROSOFT_CLIENT_SECRET=abc8Q~x");
        assert!(blocking(MICROSOFT, &microsoft).is_empty());
        let base = "PUBLIC_URL=https://delegate.example/\n";
        let findings = judge(GOOGLE, &place(&format!("{base}{google}")));
        let uri = "https://delegate.example/api/v1/auth/google/callback";
        let tells = |finding: &Finding| matches!(finding, Fine(text) if text.ends_with(uri));
        assert!(findings.iter().any(tells));
    }

    #[test]
    fn identifiers_of_another_form_are_refused() {
        let google = format!("GOOGLE_CLIENT_ID={GUID}\nGOOGLE_CLIENT_SECRET=GOCSPX-x");
        assert_eq!(blocking(GOOGLE, &google).len(), 1);
        let microsoft = "MICROSOFT_CLIENT_ID=delegate\nMICROSOFT_CLIENT_SECRET=abc8Q~x";
        assert_eq!(blocking(MICROSOFT, microsoft).len(), 1);
        let spaced = format!("MICROSOFT_CLIENT_ID={GUID}\nMICROSOFT_CLIENT_SECRET=a b");
        assert_eq!(blocking(MICROSOFT, &spaced).len(), 1);
    }

    #[test]
    fn the_id_of_a_secret_is_not_its_value() {
        let file = format!("MICROSOFT_CLIENT_ID={GUID}\nMICROSOFT_CLIENT_SECRET={GUID}");
        assert_eq!(blocking(MICROSOFT, &file).len(), 1);
        let file =
            format!("GOOGLE_CLIENT_ID=1{GOOGLE_CLIENT}\nGOOGLE_CLIENT_SECRET=1{GOOGLE_CLIENT}");
        assert_eq!(blocking(GOOGLE, &file).len(), 1);
    }

    #[test]
    fn a_stand_in_on_this_machine_has_what_values_it_likes() {
        let file =
            "GOOGLE_CLIENT_ID=a\nGOOGLE_CLIENT_SECRET=b\nGOOGLE_ISSUER=http://127.0.0.1:4000";
        assert!(blocking(GOOGLE, file).is_empty());
        let elsewhere =
            "GOOGLE_CLIENT_ID=a\nGOOGLE_CLIENT_SECRET=b\nGOOGLE_ISSUER=http://example.com";
        assert!(!blocking(GOOGLE, elsewhere).is_empty());
    }

    #[test]
    fn people_are_sent_back_by_https_or_to_this_machine() {
        let client = format!("GOOGLE_CLIENT_ID=1{GOOGLE_CLIENT}\nGOOGLE_CLIENT_SECRET=x\n");
        let of = |base: &str| redirect(GOOGLE, &place(&format!("{client}PUBLIC_URL={base}")));
        assert!(matches!(of("http://delegate.example")[..], [Blocks(_)]));
        assert!(matches!(of("http://127.0.0.1.example")[..], [Blocks(_)]));
        assert!(matches!(of("http://127.0.0.1:8787")[..], [Fine(_)]));
        let entra = redirect(MICROSOFT, &place("PUBLIC_URL=http://127.0.0.1:8787"));
        assert!(matches!(entra[..], [Fine(_), Remark(_)]));
        let entra = redirect(MICROSOFT, &place("PUBLIC_URL=http://localhost:8787"));
        assert!(matches!(entra[..], [Fine(_)]));
    }

    #[test]
    fn keys_are_of_32_bytes() {
        let file = |signing: &str, secret: &str| {
            let place = place(&format!(
                "TOKEN_SIGNING_KEYS={signing}\nTOKEN_ENCRYPTION_KEYS={KEY},{KEY}=\nDELEGATE_SECRET={secret}"
            ));
            judge_keys(&place)
        };
        assert!(matches!(file(KEY, KEY)[..], [Fine(_)]));
        assert!(matches!(file("short", KEY)[..], [Blocks(_)]));
        assert!(matches!(
            file(KEY, &format!("{KEY},{KEY}"))[..],
            [Blocks(_)]
        ));
    }

    #[test]
    fn metadata_must_be_of_who_was_asked() {
        let common = MICROSOFT.default_issuer;
        let template = r#"{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"}"#;
        let says = |text: &str| judge_metadata(MICROSOFT, common, text);
        assert!(matches!(says(template), Fine(_)));
        let other = r#"{"issuer":"https://login.example/{tenantid}/v2.0"}"#;
        assert!(matches!(says(other), Blocks(_)));
        assert!(matches!(says("<html>"), Blocks(_)));
        assert!(matches!(says(r#"{"status":404}"#), Blocks(_)));
        let google = r#"{"issuer":"https://accounts.google.com"}"#;
        let found = judge_metadata(GOOGLE, GOOGLE.default_issuer, google);
        assert!(matches!(found, Fine(_)));
        let consumers = "https://login.microsoftonline.com/consumers/v2.0";
        assert!(expected_issuer(MICROSOFT, consumers).contains(CONSUMERS));
    }
}
