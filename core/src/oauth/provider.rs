//! The providers: who they are, what we ask them for, and who we are for them.

use std::borrow::Cow;

use oauth2::url::{Host, Url};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sensitive::Sensitive;

/// What stands for the tenant in the issuer that Microsoft's metadata names for all of them.
const TENANT: &str = "{tenantid}";
/// The tenant of personal accounts at Microsoft, which "consumers" is another name for.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// What an issuer at Microsoft ends with.
const VERSION: &str = "/v2.0";

/// Who else knows the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Google: personal and Workspace accounts.
    Google,
    /// Microsoft: work, school and personal accounts.
    Microsoft,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Google, Self::Microsoft];

    /// The name in paths, bodies and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// The name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
        }
    }

    /// Who answers where nothing else is configured. "common" is for accounts of every kind.
    pub fn default_issuer(self) -> &'static str {
        match self {
            Self::Google => "https://accounts.google.com",
            Self::Microsoft => "https://login.microsoftonline.com/common/v2.0",
        }
    }

    /// Two spellings of a scope that mean the same: Microsoft asks for the whole address and
    /// answers with that or with its end, in either case.
    fn is_same_scope(self, one: &str, other: &str) -> bool {
        match self {
            Self::Google => one == other,
            Self::Microsoft => {
                let short = |scope: &str| {
                    scope
                        .strip_prefix("https://graph.microsoft.com/")
                        .unwrap_or(scope)
                        .to_ascii_lowercase()
                };
                short(one) == short(other)
            }
        }
    }
}

/// A part of an account at a provider that a person can connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Their mail.
    Mail,
    /// Their calendars.
    Calendar,
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Calendar];

    /// The scopes that reading needs, and acting on an approved proposal: what changes later must
    /// not send everybody through another consent.
    ///
    /// - Google, mail: `gmail.modify` reads, labels, archives, drafts and sends. The only smaller
    ///   way to have all of that is three scopes (`readonly`, `compose`, `labels`), which still
    ///   could not archive. `mail.google.com` could also delete for good, which nothing of ours
    ///   does.
    /// - Google, calendar: `calendar.events` for the events and `calendar.calendarlist.readonly`
    ///   for which calendars there are and in which zone. The wider `calendar` and
    ///   `calendar.readonly` would also show with whom a calendar is shared.
    /// - Microsoft, mail: `Mail.ReadWrite` cannot send, so `Mail.Send` stands beside it. Neither
    ///   reaches shared mailboxes (`.Shared`) nor the settings of the mailbox.
    /// - Microsoft, calendar: `Calendars.ReadWrite`; there is no smaller one that answers an
    ///   invitation.
    fn scopes(self, provider: Provider) -> &'static [&'static str] {
        match (provider, self) {
            (Provider::Google, Self::Mail) => &["https://www.googleapis.com/auth/gmail.modify"],
            (Provider::Google, Self::Calendar) => &[
                "https://www.googleapis.com/auth/calendar.events",
                "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
            ],
            (Provider::Microsoft, Self::Mail) => &[
                "https://graph.microsoft.com/Mail.ReadWrite",
                "https://graph.microsoft.com/Mail.Send",
            ],
            (Provider::Microsoft, Self::Calendar) => {
                &["https://graph.microsoft.com/Calendars.ReadWrite"]
            }
        }
    }

    /// Whether everything that this needs was granted. A person can decline part of what was asked
    /// for, so what was asked for says nothing.
    pub fn is_granted<S: AsRef<str>>(self, provider: Provider, granted: &[S]) -> bool {
        self.scopes(provider).iter().all(|needed| {
            granted
                .iter()
                .any(|scope| provider.is_same_scope(scope.as_ref(), needed))
        })
    }
}

/// What a visit to a provider is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent<'a> {
    /// To learn who it is, and nothing more.
    SignIn,
    /// To be let into parts of the account. At Microsoft the new grant takes the place of the
    /// former, so these are the parts that are wanted from now on, not only those that are new.
    Connect(&'a [Access]),
}

impl Intent<'_> {
    /// What is asked for. Signing in asks for the identity alone.
    pub fn scopes(self, provider: Provider) -> Vec<&'static str> {
        let mut scopes = vec!["openid", "email", "profile"];
        if let Self::Connect(parts) = self {
            if provider == Provider::Microsoft {
                // What Google calls `access_type=offline`: without it there is no refresh token.
                scopes.push("offline_access");
            }
            for access in Access::ALL.iter().filter(|access| parts.contains(access)) {
                scopes.extend(access.scopes(provider));
            }
        }
        scopes
    }

    /// What a provider wants to be told beside the standard's parameters.
    ///
    /// Google gives a refresh token only with a consent that is shown, hence `prompt=consent`
    /// when connecting; what was granted before stays granted. Microsoft needs no such prompt, and
    /// there it would ask people who need not be asked since their administrator has consented.
    /// Both let the person choose the account: a second one is the usual reason to come.
    pub(super) fn parameters(self, provider: Provider) -> &'static [(&'static str, &'static str)] {
        match (provider, self) {
            (Provider::Google, Self::Connect(_)) => &[
                ("access_type", "offline"),
                ("include_granted_scopes", "true"),
                ("prompt", "consent select_account"),
            ],
            (Provider::Google, Self::SignIn) | (Provider::Microsoft, _) => {
                &[("prompt", "select_account")]
            }
        }
    }
}

/// Why settings can't be used. For whoever set them; `cargo xtask doctor` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsRefusal {
    /// The client's identifier is empty or has characters that none has.
    ClientId,
    /// The client's secret is empty or has characters that none has.
    ClientSecret,
    /// The issuer is no `https` address without query and fragment (nor one of this machine).
    Issuer,
}

/// Who we are for a provider. Has no `Debug`, so that the secret can't be logged.
#[derive(Clone)]
pub struct ProviderSettings {
    provider: Provider,
    client_id: String,
    client_secret: Sensitive,
    issuer: String,
}

impl ProviderSettings {
    /// Checks what was configured; no issuer means the provider itself.
    pub fn new(
        provider: Provider,
        client_id: &str,
        client_secret: &str,
        issuer: Option<&str>,
    ) -> Result<Self, SettingsRefusal> {
        let is_plain =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain(client_id) {
            return Err(SettingsRefusal::ClientId);
        }
        if !is_plain(client_secret) {
            return Err(SettingsRefusal::ClientSecret);
        }
        let issuer = issuer.unwrap_or_else(|| provider.default_issuer());
        let url = Url::parse(issuer).map_err(|_| SettingsRefusal::Issuer)?;
        if !is_trustworthy(&url, true) || url.query().is_some() {
            return Err(SettingsRefusal::Issuer);
        }
        Ok(Self {
            provider,
            client_id: client_id.to_owned(),
            client_secret: Sensitive::new(client_secret),
            issuer: issuer.to_owned(),
        })
    }

    /// Which provider.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Who we are there.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn client_secret(&self) -> &Sensitive {
        &self.client_secret
    }

    /// Who is to answer, as configured.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where its metadata is (OpenID Connect Discovery 1.0, section 4.1).
    pub fn discovery_url(&self) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        )
    }

    /// Whether the issuer is on this machine. Only then may its endpoints be, without TLS.
    pub(super) fn is_local(&self) -> bool {
        Url::parse(&self.issuer).is_ok_and(|url| is_loopback(&url))
    }

    /// What the metadata must call its issuer. Microsoft answers for many tenants at once with a
    /// template, and for "consumers" with the identifier of their tenant.
    pub(super) fn metadata_issuer(&self) -> Cow<'_, str> {
        match self.tenant() {
            Some((authority, "common" | "organizations")) => {
                Cow::Owned(format!("{authority}/{TENANT}{VERSION}"))
            }
            Some((authority, "consumers")) => {
                Cow::Owned(format!("{authority}/{CONSUMERS}{VERSION}"))
            }
            _ => Cow::Borrowed(&self.issuer),
        }
    }

    /// Microsoft's issuer in its parts: the authority and the tenant (or what stands for one).
    pub(super) fn tenant(&self) -> Option<(&str, &str)> {
        if self.provider != Provider::Microsoft {
            return None;
        }
        self.issuer.strip_suffix(VERSION)?.rsplit_once('/')
    }
}

/// What an issuer is once the tenant is known; the same where it names none. `None` where it needs
/// a tenant and this is not the identifier of one.
pub(super) fn issuer_of_tenant<'a>(issuer: &'a str, tenant: Option<&str>) -> Option<Cow<'a, str>> {
    if !issuer.contains(TENANT) {
        return Some(Cow::Borrowed(issuer));
    }
    let tenant = tenant.filter(|tenant| is_tenant(tenant))?;
    Some(Cow::Owned(issuer.replace(TENANT, tenant)))
}

/// Whether an issuer is the one of the metadata, for any tenant where that has a template.
pub(super) fn is_issuer(expected: &str, issuer: &str) -> bool {
    match expected.split_once(TENANT) {
        None => issuer == expected,
        Some((before, after)) => issuer
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(is_tenant),
    }
}

/// Whether a text is a GUID in its usual form.
fn is_tenant(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether an address may be sent secrets: by TLS, or on this machine where that is allowed, and
/// nothing in it but where it is.
pub(super) fn is_trustworthy(url: &Url, allow_loopback: bool) -> bool {
    let transport = match url.scheme() {
        "https" => true,
        "http" => allow_loopback && is_loopback(url),
        _ => false,
    };
    transport
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(provider: Provider, issuer: &str) -> Result<ProviderSettings, SettingsRefusal> {
        ProviderSettings::new(provider, "client", "secret", Some(issuer))
    }

    #[test]
    fn signing_in_asks_for_the_identity_and_nothing_more() {
        for provider in Provider::ALL {
            assert_eq!(
                Intent::SignIn.scopes(provider),
                ["openid", "email", "profile"]
            );
        }
    }

    #[test]
    fn connecting_asks_for_what_was_chosen_only() {
        let google = Intent::Connect(&[Access::Calendar]).scopes(Provider::Google);
        assert!(
            google
                .iter()
                .any(|scope| scope.ends_with("calendar.events"))
        );
        assert!(!google.iter().any(|scope| scope.contains("gmail")));
        let microsoft = Intent::Connect(&[Access::Mail, Access::Mail]).scopes(Provider::Microsoft);
        assert_eq!(
            microsoft,
            [
                "openid",
                "email",
                "profile",
                "offline_access",
                "https://graph.microsoft.com/Mail.ReadWrite",
                "https://graph.microsoft.com/Mail.Send",
            ]
        );
    }

    #[test]
    fn access_is_granted_when_all_of_its_scopes_are() {
        let events = "https://www.googleapis.com/auth/calendar.events";
        let list = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
        assert!(Access::Calendar.is_granted(Provider::Google, &["openid", events, list]));
        assert!(!Access::Calendar.is_granted(Provider::Google, &["openid", events]));
    }

    #[test]
    fn microsofts_short_names_of_scopes_count_as_the_long_ones() {
        assert!(Access::Mail.is_granted(
            Provider::Microsoft,
            &["mail.readwrite", "https://graph.microsoft.com/Mail.Send"]
        ));
        assert!(!Access::Mail.is_granted(Provider::Microsoft, &["Mail.Read", "Mail.Send"]));
    }

    #[test]
    fn an_issuer_without_tls_is_refused_unless_it_is_on_this_machine() {
        for issuer in [
            "https://accounts.google.com",
            "http://127.0.0.1:4001",
            "http://[::1]:4001",
            "http://localhost:4001/tenant/v2.0",
        ] {
            assert!(settings(Provider::Google, issuer).is_ok(), "{issuer}");
        }
        for issuer in [
            "http://accounts.google.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "https://user@accounts.google.com",
            "https://accounts.google.com/?a=b",
            "https://accounts.google.com/#a",
            "ftp://accounts.google.com",
            "accounts.google.com",
            "",
        ] {
            assert_eq!(
                settings(Provider::Google, issuer).err(),
                Some(SettingsRefusal::Issuer),
                "{issuer}"
            );
        }
    }

    #[test]
    fn settings_that_nobody_filled_in_are_refused() {
        let new = |id, secret| ProviderSettings::new(Provider::Google, id, secret, None).err();
        assert_eq!(new("", "secret"), Some(SettingsRefusal::ClientId));
        assert_eq!(new("a client", "secret"), Some(SettingsRefusal::ClientId));
        assert_eq!(new("client", ""), Some(SettingsRefusal::ClientSecret));
        assert_eq!(new("client", "secret"), None);
    }

    #[test]
    fn microsofts_issuers_for_many_tenants_have_a_template_in_their_metadata() {
        let expected = |issuer: &str| {
            settings(Provider::Microsoft, issuer)
                .map(|settings| settings.metadata_issuer().into_owned())
        };
        let authority = "https://login.microsoftonline.com";
        for tenant in ["common", "organizations"] {
            assert_eq!(
                expected(&format!("{authority}/{tenant}/v2.0")),
                Ok(format!("{authority}/{{tenantid}}/v2.0"))
            );
        }
        assert_eq!(
            expected(&format!("{authority}/consumers/v2.0")),
            Ok(format!("{authority}/{CONSUMERS}/v2.0"))
        );
        let own = format!("{authority}/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0");
        assert_eq!(expected(&own), Ok(own));
    }

    #[test]
    fn a_template_is_filled_with_the_identifier_of_a_tenant_and_nothing_else() {
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let filled = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
        let tenant = Some("72f988bf-86f1-41af-91ab-2d7cd011db47");
        assert_eq!(issuer_of_tenant(template, tenant).as_deref(), Some(filled));
        assert!(is_issuer(template, filled));
        for tenant in [
            None,
            Some(""),
            Some("common"),
            Some("../72f988bf-86f1-41af-91ab-2d7cd011d"),
            Some("72f988bf-86f1-41af-91ab-2d7cd011db4g"),
            Some("72f988bf086f1041af091ab02d7cd011db47"),
        ] {
            assert_eq!(issuer_of_tenant(template, tenant), None);
            let text = template.replace(TENANT, tenant.unwrap_or("{tenantid}"));
            assert!(!is_issuer(template, &text), "{text}");
        }
    }
}
