//! What a provider denies, as a code for programs and a sentence for people.
//!
//! The standard's `error` says what happened to the flow. Microsoft puts the reason into the
//! description, as a number (`AADSTS65001`), and reserves the right to change which: so a number
//! only ever picks a better sentence, and what is done with a grant never depends on one.

use super::provider::Provider;

/// What was denied, in the terms of what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The person said no.
    Declined,
    /// The person has not been asked, or not for all of it.
    ConsentRequired,
    /// Only an administrator of the organization can say yes.
    AdminConsentRequired,
    /// The administrators have been asked and have not answered.
    AdminConsentPending,
    /// The account is of an organization, or of a kind, that this application is not open to.
    AccountNotAllowed,
    /// A rule of the organization forbids this sign-in: the device, the place, the risk.
    BlockedByPolicy,
    /// The provider wants to see the person again.
    InteractionRequired,
    /// A grant, or a code, that is no longer good: revoked, expired or used.
    GrantEnded,
    /// The client, its secret, its redirect address or its scopes are not as the provider has them.
    Misconfigured,
    /// The provider has a problem of its own.
    Unavailable,
    /// Something else.
    Unrecognized,
}

/// A denial and what the log should know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// What was denied.
    pub denial: Denial,
    /// The provider's own codes, such as `access_denied AADSTS65004`. Not its description, which
    /// names the account and the organization.
    pub cause: String,
}

impl Denied {
    /// Reads an error response (RFC 6749, sections 4.1.2.1 and 5.2).
    pub(super) fn read(error: &str, description: Option<&str>) -> Self {
        let number = description.and_then(microsoft_number);
        let denial = number
            .and_then(of_number)
            .unwrap_or_else(|| of_error(error));
        let mut cause: String = error
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
            .take(64)
            .collect();
        if let Some(number) = number {
            cause.push_str(" AADSTS");
            cause.push_str(&number.to_string());
        }
        Self { denial, cause }
    }
}

/// What the standard's codes mean, those of OpenID Connect (Core 1.0, section 3.1.2.6) and the few
/// that Google adds.
fn of_error(error: &str) -> Denial {
    match error {
        "access_denied" | "permission_denied" => Denial::Declined,
        "consent_required" => Denial::ConsentRequired,
        "admin_policy_enforced" => Denial::AdminConsentRequired,
        "org_internal" => Denial::AccountNotAllowed,
        "login_required" | "interaction_required" | "account_selection_required" => {
            Denial::InteractionRequired
        }
        "invalid_grant" => Denial::GrantEnded,
        "invalid_client"
        | "deleted_client"
        | "disabled_client"
        | "unauthorized_client"
        | "invalid_request"
        | "invalid_scope"
        | "invalid_resource"
        | "redirect_uri_mismatch"
        | "unsupported_response_type"
        | "unsupported_grant_type" => Denial::Misconfigured,
        "server_error" | "temporarily_unavailable" => Denial::Unavailable,
        _ => Denial::Unrecognized,
    }
}

/// What Microsoft's numbers mean, as far as a better sentence follows (Microsoft Entra
/// authentication and authorization error codes).
fn of_number(number: u32) -> Option<Denial> {
    Some(match number {
        65004 => Denial::Declined,
        65001 | 65005 => Denial::ConsentRequired,
        // 90093 and 90094: a policy lets only administrators consent.
        90093 | 90094 => Denial::AdminConsentRequired,
        90095 => Denial::AdminConsentPending,
        // Not assigned to the application; not in this tenant; personal where only work accounts
        // may, or the other way round.
        50105 | 50020 | 50034 | 500_200 | 500_202 | 500_208 | 90072 => Denial::AccountNotAllowed,
        53000 | 53001 | 53002 | 53003 | 530_004 | 50005 => Denial::BlockedByPolicy,
        50058 | 50072 | 50074 | 50076 | 50078 | 50079 | 16000 => Denial::InteractionRequired,
        // Redirect address; one tenant only; no such application; secret wrong or expired; scope.
        50011 | 50194 | 700_016 | 7_000_215 | 7_000_222 | 70011 | 650_052 => Denial::Misconfigured,
        _ => return None,
    })
}

fn microsoft_number(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits: String = rest
        .chars()
        .take_while(char::is_ascii_digit)
        .take(9)
        .collect();
    digits.parse().ok()
}

impl Denial {
    /// A stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Declined => "consent_declined",
            Self::ConsentRequired => "consent_required",
            Self::AdminConsentRequired => "admin_consent_required",
            Self::AdminConsentPending => "admin_consent_pending",
            Self::AccountNotAllowed => "account_not_allowed",
            Self::BlockedByPolicy => "blocked_by_policy",
            Self::InteractionRequired => "interaction_required",
            Self::GrantEnded => "grant_ended",
            Self::Misconfigured => "provider_misconfigured",
            Self::Unavailable => "provider_unavailable",
            Self::Unrecognized => "provider_refused",
        }
    }

    /// Whether a link for the administrator belongs beside the sentence
    /// ([`super::admin_consent_url`]). Where a person is asked for a consent that they are not
    /// allowed to give, Microsoft often says no more than that one is required.
    pub fn needs_administrator(self) -> bool {
        matches!(
            self,
            Self::ConsentRequired | Self::AdminConsentRequired | Self::AdminConsentPending
        )
    }

    /// What happened and what to do about it.
    pub fn explain(self, provider: Provider) -> String {
        let name = provider.title();
        match self {
            Self::Declined => format!(
                "You did not allow what {name} asked you about, so nothing was changed. \
                 Begin again if you want to allow it."
            ),
            Self::ConsentRequired => format!(
                "{name} needs your consent. Begin again and allow what you are asked about. If \
                 {name} does not let you, an administrator of your organization has to approve \
                 Delegate first."
            ),
            Self::AdminConsentRequired => match provider {
                Provider::Google => "Your organization lets you use only applications that an \
                     administrator trusts. Ask an administrator to trust Delegate in the Google \
                     Admin console, under Security, API controls; then begin again."
                    .to_owned(),
                Provider::Microsoft => "Your organization lets only an administrator approve \
                     applications. Send the approval link to an administrator, and begin again \
                     once they have approved."
                    .to_owned(),
            },
            Self::AdminConsentPending => "Your organization's administrators have been asked to \
                 approve Delegate. Begin again once they have."
                .to_owned(),
            Self::AccountNotAllowed => format!(
                "This {name} account may not be used here: it belongs to another organization, or \
                 was not given this application. Choose another account, or ask your \
                 administrator."
            ),
            Self::BlockedByPolicy => "A rule of your organization does not allow this sign-in. \
                 Try a device or network that your organization manages, or ask your \
                 administrator."
                .to_owned(),
            Self::InteractionRequired => {
                format!("{name} wants you to sign in there again. Begin again.")
            }
            Self::GrantEnded => format!(
                "{name} no longer accepts the permission that it gave: it was withdrawn, has \
                 expired, or was used already. Begin again."
            ),
            Self::Misconfigured => format!(
                "This deployment and {name} do not agree on how they are connected. Only whoever \
                 runs the deployment can mend that; `cargo xtask doctor` tells them what to do."
            ),
            Self::Unavailable => {
                format!("{name} has a problem at the moment. Try again in a few minutes.")
            }
            Self::Unrecognized => format!(
                "{name} refused, and not for a reason that Delegate knows. Begin again; if it \
                 happens twice, tell whoever runs this deployment."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn denial(error: &str, description: &str) -> Denial {
        Denied::read(error, Some(description)).denial
    }

    #[test]
    fn microsofts_numbers_tell_what_its_error_does_not() {
        for (error, number, expected) in [
            ("access_denied", 65004, Denial::Declined),
            ("invalid_grant", 65001, Denial::ConsentRequired),
            ("access_denied", 90094, Denial::AdminConsentRequired),
            ("access_denied", 90095, Denial::AdminConsentPending),
            ("interaction_required", 50105, Denial::AccountNotAllowed),
            ("access_denied", 53003, Denial::BlockedByPolicy),
            ("invalid_client", 7_000_222, Denial::Misconfigured),
        ] {
            let text = format!("AADSTS{number}: Something in words. Trace ID: 65001");
            assert_eq!(denial(error, &text), expected, "{number}");
        }
    }

    #[test]
    fn a_number_that_nobody_knows_leaves_the_word_to_the_error() {
        assert_eq!(
            denial("access_denied", "AADSTS99999999999: x"),
            Denial::Declined
        );
        assert_eq!(denial("invalid_grant", "AADSTS: x"), Denial::GrantEnded);
        assert_eq!(denial("what", "x"), Denial::Unrecognized);
    }

    #[test]
    fn the_log_is_told_the_codes_and_not_the_description() {
        let denied = Denied::read(
            "access_denied\r\nlevel=error",
            Some("AADSTS65004: ada@example.com declined"),
        );
        assert_eq!(denied.cause, "access_deniedlevelerror AADSTS65004");
    }

    #[test]
    fn every_denial_has_its_own_code_and_a_sentence_for_each_provider() {
        let all = [
            Denial::Declined,
            Denial::ConsentRequired,
            Denial::AdminConsentRequired,
            Denial::AdminConsentPending,
            Denial::AccountNotAllowed,
            Denial::BlockedByPolicy,
            Denial::InteractionRequired,
            Denial::GrantEnded,
            Denial::Misconfigured,
            Denial::Unavailable,
            Denial::Unrecognized,
        ];
        let codes: std::collections::BTreeSet<_> = all.iter().map(|one| one.code()).collect();
        assert_eq!(codes.len(), all.len());
        for denial in all {
            for provider in Provider::ALL {
                let sentence = denial.explain(provider);
                assert!(
                    sentence.ends_with('.') && !sentence.contains("  "),
                    "{sentence}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn no_answer_panics(error in ".{0,80}", description in "(AADSTS)?.{0,80}") {
            let denied = Denied::read(&error, Some(&description));
            prop_assert!(denied.cause.len() <= 80);
        }
    }
}
