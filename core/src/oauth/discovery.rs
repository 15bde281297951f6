//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414), read and checked
//! before a secret is sent anywhere it names.

use chrono::TimeDelta;
use oauth2::url::Url;
use oauth2::{AuthType, AuthUrl, TokenUrl};
use serde::Deserialize;

use super::MAX_ANSWER;
use super::provider::{ProviderSettings, is_issuer, is_trustworthy};

/// How long metadata is good for. Endpoints move seldom, and only after a long notice.
pub const METADATA_LIFE: TimeDelta = TimeDelta::hours(24);

/// Why metadata is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataRefusal {
    /// More than [`MAX_ANSWER`] bytes.
    TooLarge,
    /// Not the JSON that metadata is.
    Malformed,
    /// Of another issuer than the configured one.
    Issuer,
    /// Without the endpoint of this name, or with one that secrets must not be sent to.
    Endpoint(&'static str),
    /// The provider can't do what we need: the code flow, PKCE with S256, or RS256.
    Unsupported(&'static str),
}

/// Where a provider's endpoints are. Holds no secret.
#[derive(Debug, Clone)]
pub struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: AuthUrl,
    pub(super) token_endpoint: TokenUrl,
    pub(super) authentication: AuthType,
    pub(super) is_issuer_in_callback: bool,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
}

/// What of the document matters here.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Reads what the discovery address answered.
    pub fn parse(body: &[u8], settings: &ProviderSettings) -> Result<Self, MetadataRefusal> {
        if body.len() > MAX_ANSWER {
            return Err(MetadataRefusal::TooLarge);
        }
        let document: Document =
            serde_json::from_slice(body).map_err(|_| MetadataRefusal::Malformed)?;
        if document.issuer != settings.metadata_issuer() {
            return Err(MetadataRefusal::Issuer);
        }
        document.check_abilities()?;
        let local = settings.is_local();
        let authorization_endpoint = endpoint(
            "authorization_endpoint",
            document.authorization_endpoint.as_deref(),
            local,
        )?;
        let token_endpoint = endpoint("token_endpoint", document.token_endpoint.as_deref(), local)?;
        let jwks_uri = endpoint("jwks_uri", document.jwks_uri.as_deref(), local)?;
        let optional = |name, text: Option<&str>| {
            text.map(|text| endpoint(name, Some(text), local).map(String::from))
                .transpose()
        };
        Ok(Self {
            authentication: document.authentication(),
            is_issuer_in_callback: document.authorization_response_iss_parameter_supported,
            authorization_endpoint: AuthUrl::from_url(authorization_endpoint),
            token_endpoint: TokenUrl::from_url(token_endpoint),
            jwks_uri: jwks_uri.into(),
            userinfo_endpoint: optional(
                "userinfo_endpoint",
                document.userinfo_endpoint.as_deref(),
            )?,
            revocation_endpoint: optional(
                "revocation_endpoint",
                document.revocation_endpoint.as_deref(),
            )?,
            issuer: document.issuer,
        })
    }

    /// Who answers: at Microsoft with `{tenantid}` in it where that can be several.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the browser is sent.
    pub fn authorization_endpoint(&self) -> &str {
        &self.authorization_endpoint
    }

    /// Where codes and refresh tokens are exchanged.
    pub fn token_endpoint(&self) -> &str {
        &self.token_endpoint
    }

    /// Where the keys are that ID tokens are signed with.
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// Where an access token tells whose it is: the cheapest way to learn whether it works.
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.userinfo_endpoint.as_deref()
    }

    /// Where tokens are revoked (RFC 7009). Microsoft has no such place.
    pub fn revocation_endpoint(&self) -> Option<&str> {
        self.revocation_endpoint.as_deref()
    }

    /// Whether the `iss` of a callback is this provider (RFC 9207): it must be there where the
    /// metadata promises it, and right wherever it is.
    pub(super) fn accepts_callback_of(&self, issuer: Option<&str>) -> bool {
        match issuer {
            Some(issuer) => is_issuer(&self.issuer, issuer),
            None => !self.is_issuer_in_callback,
        }
    }
}

impl Document {
    /// Lists that are missing say nothing: Microsoft's names no challenge methods, but has S256.
    fn check_abilities(&self) -> Result<(), MetadataRefusal> {
        let needs = [
            (&self.response_types_supported, "code"),
            (&self.code_challenge_methods_supported, "S256"),
            (&self.id_token_signing_alg_values_supported, "RS256"),
        ];
        for (list, needed) in needs {
            if list
                .as_ref()
                .is_some_and(|list| !list.iter().any(|one| one == needed))
            {
                return Err(MetadataRefusal::Unsupported(needed));
            }
        }
        Ok(())
    }

    /// How we say who we are: in the body where the provider takes it, since both do and nothing
    /// has to be encoded twice there; else by HTTP Basic, which is the standard's default.
    fn authentication(&self) -> AuthType {
        let is_post_taken = self
            .token_endpoint_auth_methods_supported
            .as_ref()
            .is_some_and(|methods| methods.iter().any(|method| method == "client_secret_post"));
        if is_post_taken {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        }
    }
}

fn endpoint(
    name: &'static str,
    text: Option<&str>,
    allow_loopback: bool,
) -> Result<Url, MetadataRefusal> {
    text.and_then(|text| Url::parse(text).ok())
        .filter(|url| is_trustworthy(url, allow_loopback))
        .ok_or(MetadataRefusal::Endpoint(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Provider;
    use crate::oauth::test_support::{google, google_metadata, microsoft, microsoft_metadata};
    use serde_json::{Value, json};

    fn refusal(change: impl FnOnce(&mut Value)) -> Option<MetadataRefusal> {
        let mut document = google_metadata();
        change(&mut document);
        Metadata::parse(document.to_string().as_bytes(), &google()).err()
    }

    #[test]
    fn what_google_says_of_itself_is_taken() {
        let metadata =
            Metadata::parse(google_metadata().to_string().as_bytes(), &google()).expect("metadata");
        assert_eq!(metadata.issuer(), "https://accounts.google.com");
        assert_eq!(
            metadata.authorization_endpoint(),
            "https://accounts.google.com/o/oauth2/v2/auth"
        );
        assert_eq!(
            metadata.token_endpoint(),
            "https://oauth2.googleapis.com/token"
        );
        assert_eq!(
            metadata.jwks_uri(),
            "https://www.googleapis.com/oauth2/v3/certs"
        );
        assert_eq!(
            metadata.revocation_endpoint(),
            Some("https://oauth2.googleapis.com/revoke")
        );
        assert_eq!(
            metadata.userinfo_endpoint(),
            Some("https://openidconnect.googleapis.com/v1/userinfo")
        );
    }

    #[test]
    fn microsofts_template_of_an_issuer_is_taken_for_all_tenants_only() {
        let body = microsoft_metadata().to_string();
        let metadata = Metadata::parse(body.as_bytes(), &microsoft()).expect("metadata");
        assert_eq!(metadata.revocation_endpoint(), None);
        let one = ProviderSettings::new(
            Provider::Microsoft,
            "client",
            "secret",
            Some("https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"),
        )
        .expect("settings");
        assert_eq!(
            Metadata::parse(body.as_bytes(), &one).err(),
            Some(MetadataRefusal::Issuer)
        );
    }

    #[test]
    fn metadata_of_another_issuer_is_refused_down_to_a_slash() {
        for issuer in [
            "https://accounts.google.com/",
            "https://evil.example",
            "https://ACCOUNTS.google.com",
        ] {
            assert_eq!(
                refusal(|document| document["issuer"] = json!(issuer)),
                Some(MetadataRefusal::Issuer),
                "{issuer}"
            );
        }
    }

    #[test]
    fn an_endpoint_without_tls_is_refused_whichever_it_is() {
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "revocation_endpoint",
        ] {
            for address in ["http://accounts.google.com/x", "http://127.0.0.1/x", "x"] {
                assert_eq!(
                    refusal(|document| document[name] = json!(address)),
                    Some(MetadataRefusal::Endpoint(name)),
                    "{name} {address}"
                );
            }
        }
    }

    #[test]
    fn an_endpoint_that_is_needed_must_be_there() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            assert_eq!(
                refusal(|document| {
                    document.as_object_mut().expect("an object").remove(name);
                }),
                Some(MetadataRefusal::Endpoint(name))
            );
        }
    }

    #[test]
    fn a_provider_on_this_machine_needs_no_tls() {
        let base = "http://127.0.0.1:4001";
        let settings = ProviderSettings::new(Provider::Google, "client", "secret", Some(base))
            .expect("settings");
        let body = json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/keys"),
        });
        assert!(Metadata::parse(body.to_string().as_bytes(), &settings).is_ok());
    }

    #[test]
    fn a_provider_that_lacks_what_we_need_is_refused() {
        for (list, needed) in [
            ("response_types_supported", "code"),
            ("code_challenge_methods_supported", "S256"),
            ("id_token_signing_alg_values_supported", "RS256"),
        ] {
            assert_eq!(
                refusal(|document| document[list] = json!(["other"])),
                Some(MetadataRefusal::Unsupported(needed))
            );
        }
    }

    #[test]
    fn what_is_no_metadata_or_too_much_of_it_is_refused() {
        let parse = |body: &[u8]| Metadata::parse(body, &google()).err();
        for body in ["", "[]", "<html>", r#"{"issuer":1}"#] {
            assert_eq!(parse(body.as_bytes()), Some(MetadataRefusal::Malformed));
        }
        assert_eq!(
            parse(&vec![b' '; MAX_ANSWER + 1]),
            Some(MetadataRefusal::TooLarge)
        );
    }
}
