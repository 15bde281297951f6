//! Telling a provider that a grant is over (RFC 7009).
//!
//! The `oauth2` crate can do this too, but only at an address with TLS, which a provider of a test
//! does not have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth2::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use oauth2::http::{Method, Request};
use oauth2::url::form_urlencoded::{Serializer, byte_serialize};
use oauth2::{AsyncHttpClient, AuthType, HttpRequest};
use serde::Deserialize;

use super::discovery::Metadata;
use super::provider::ProviderSettings;
use super::token::{TokenError, Tokens, carefully};
use crate::time::Timestamp;

/// What became of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// It is over at the provider, or was before.
    Revoked,
    /// The provider has no place to say so. Microsoft has none: forgetting the tokens is all that
    /// we can do, and the person removes the consent on their account's page.
    NotOffered,
}

/// What of an error response matters.
#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

/// Revokes a grant by its refresh token, or by its access token where there is none. At Google this
/// ends everything that the person has granted to this client, signing in included.
pub async fn revoke<'c, C: AsyncHttpClient<'c>>(
    settings: &ProviderSettings,
    metadata: &Metadata,
    tokens: &Tokens,
    now: Timestamp,
    http: &'c C,
) -> Result<Revocation, TokenError> {
    let Some(endpoint) = metadata.revocation_endpoint() else {
        return Ok(Revocation::NotOffered);
    };
    let request = request(settings, metadata, endpoint, tokens)?;
    let response = carefully(http.call(request), now).await?;
    if response.status().is_success() {
        return Ok(Revocation::Revoked);
    }
    let refused: Refused = serde_json::from_slice(response.body())
        .map_err(|_| TokenError::Malformed("the answer is not of its form"))?;
    // By the standard a token that is unknown is a success. Google makes it an error.
    if refused.error == "invalid_token" {
        return Ok(Revocation::Revoked);
    }
    Err(TokenError::read(
        &refused.error,
        refused.error_description.as_deref(),
    ))
}

fn request(
    settings: &ProviderSettings,
    metadata: &Metadata,
    endpoint: &str,
    tokens: &Tokens,
) -> Result<HttpRequest, TokenError> {
    let (token, kind) = match &tokens.refresh_token {
        Some(token) => (token, "refresh_token"),
        None => (&tokens.access_token, "access_token"),
    };
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(endpoint)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut form = Serializer::new(String::new());
    form.append_pair("token", token.expose())
        .append_pair("token_type_hint", kind);
    let (id, secret) = (settings.client_id(), settings.client_secret().expose());
    if matches!(metadata.authentication, AuthType::RequestBody) {
        form.append_pair("client_id", id)
            .append_pair("client_secret", secret);
    } else {
        // Each half is encoded first (RFC 6749, section 2.3.1).
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let credential = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        request = request.header(AUTHORIZATION, format!("Basic {credential}"));
    }
    request
        .body(form.finish().into_bytes())
        .map_err(|_| TokenError::Malformed("the request can't be made"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::test_support::{
        Script, at, form_of, google, google_metadata, metadata_of, microsoft, microsoft_metadata,
        ready, reply, tokens,
    };
    use serde_json::json;

    fn revoked(tokens: &Tokens, script: &Script) -> Result<Revocation, TokenError> {
        let settings = google();
        let metadata = metadata_of(&settings, &google_metadata());
        ready(revoke(
            &settings,
            &metadata,
            tokens,
            at(0),
            &script.client(),
        ))
    }

    #[test]
    fn a_grant_is_revoked_by_its_refresh_token() {
        let script = Script::new(reply(200, "{}"));
        let outcome = revoked(&tokens(Some("rt"), at(0)), &script);
        assert_eq!(outcome, Ok(Revocation::Revoked));
        let request = script.only_request();
        assert_eq!(request.uri(), "https://oauth2.googleapis.com/revoke");
        assert_eq!(
            json!(form_of(&request)),
            json!({
                "token": "rt",
                "token_type_hint": "refresh_token",
                "client_id": "client-of-google",
                "client_secret": "the-secret",
            })
        );
    }

    #[test]
    fn a_grant_without_a_refresh_token_is_revoked_by_its_access_token() {
        let script = Script::new(reply(200, ""));
        assert_eq!(
            revoked(&tokens(None, at(0)), &script),
            Ok(Revocation::Revoked)
        );
        assert_eq!(form_of(&script.only_request())["token"], "at");
    }

    #[test]
    fn a_client_says_who_it_is_by_http_basic_where_the_body_is_not_taken() {
        let settings = google();
        let mut document = google_metadata();
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
        let metadata = metadata_of(&settings, &document);
        let script = Script::new(reply(200, ""));
        let outcome = ready(revoke(
            &settings,
            &metadata,
            &tokens(Some("rt"), at(0)),
            at(0),
            &script.client(),
        ));
        assert_eq!(outcome, Ok(Revocation::Revoked));
        assert_eq!(
            script.only_request().headers()["authorization"],
            "Basic Y2xpZW50LW9mLWdvb2dsZTp0aGUtc2VjcmV0"
        );
    }

    #[test]
    fn a_token_that_the_provider_does_not_know_any_more_is_revoked() {
        let script = Script::new(reply(400, r#"{"error":"invalid_token"}"#));
        assert_eq!(
            revoked(&tokens(Some("rt"), at(0)), &script),
            Ok(Revocation::Revoked)
        );
    }

    #[test]
    fn a_provider_without_the_place_is_not_asked() {
        let settings = microsoft();
        let metadata = metadata_of(&settings, &microsoft_metadata());
        let script = Script::new(reply(200, ""));
        let outcome = ready(revoke(
            &settings,
            &metadata,
            &tokens(Some("rt"), at(0)),
            at(0),
            &script.client(),
        ));
        assert_eq!(outcome, Ok(Revocation::NotOffered));
        assert!(script.requests().is_empty());
    }

    #[test]
    fn a_revocation_that_failed_says_whether_to_try_again() {
        let failure = |status, body: &str| {
            revoked(
                &tokens(Some("rt"), at(0)),
                &Script::new(reply(status, body)),
            )
            .err()
        };
        assert!(matches!(
            failure(503, ""),
            Some(TokenError::Transient { .. })
        ));
        assert!(matches!(
            failure(401, r#"{"error":"invalid_client"}"#),
            Some(TokenError::Denied(_))
        ));
        assert!(matches!(
            failure(404, "<html>"),
            Some(TokenError::Malformed(_))
        ));
    }
}
