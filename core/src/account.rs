//! Accounts: who a person is, how they prove it, and what they may set about themselves.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Violations};
use crate::identifier::UserId;
use crate::patch::present;
use crate::text;
use crate::time::{Timestamp, parse_zone};

/// The fewest characters of a new password (NIST SP 800-63B, 5.1.1.2).
pub const MIN_PASSWORD: usize = 8;
/// The most bytes of a password: hashing more would only cost.
pub const MAX_PASSWORD_BYTES: usize = 1024;
/// The most characters of a name.
pub const MAX_NAME: usize = 200;
/// The most octets of an address (RFC 5321, 4.5.3.1.3, less the angle brackets).
pub const MAX_ADDRESS: usize = 254;
/// How many addresses can be one person.
pub const MAX_ADDRESSES: usize = 50;

/// Argon2id with the parameters of docs/decisions/0003: the second choice of OWASP's password
/// storage cheat sheet, which fits an isolate's memory.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a person may do with the deployment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Registered first: may invite others.
    Owner,
    /// Everybody else.
    Member,
}

/// A person, as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Which one.
    #[schema(value_type = String, example = "usr_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: UserId,
    /// The address they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// The IANA zone their clock runs in.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// What they may do with the deployment.
    pub role: Role,
    /// The addresses that are "me" in a message, in lower case.
    pub addresses: Vec<String>,
    /// When they registered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When this last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What registering takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The address to sign in with.
    #[schema(max_length = 254, format = "email")]
    pub email: String,
    /// At least 8 characters.
    #[schema(min_length = 8, max_length = 1024, format = Password)]
    pub password: String,
    /// What to be called; the part before the `@` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 200, required = false)]
    pub name: Option<String>,
    /// An IANA zone; `UTC` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, example = "Europe/Berlin", required = false)]
    pub time_zone: Option<String>,
    /// Needed from the second person on, unless the deployment is open.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub invitation: Option<String>,
}

/// A registration that was checked.
pub struct NewUser {
    /// The address as typed.
    pub email: Address,
    /// What to be called.
    pub name: String,
    /// The zone.
    pub time_zone: Tz,
    /// The password, to be hashed and forgotten.
    pub password: String,
    /// The invitation's text.
    pub invitation: Option<String>,
}

impl Registration {
    /// The new user, or everything that is wrong.
    pub fn check(self) -> Result<NewUser, Error> {
        let mut violations = Violations::default();
        let email = check_address(&self.email, "/email", &mut violations);
        check_new_password(&self.password, "/password", &mut violations);
        let name = match self.name {
            Some(name) => text::line(&name, "/name", MAX_NAME, &mut violations),
            None => email.local_part().to_owned(),
        };
        let time_zone = match self.time_zone {
            Some(zone) => check_zone(&zone, &mut violations),
            None => Tz::UTC,
        };
        violations.into_result(NewUser {
            email,
            name,
            time_zone,
            password: self.password,
            invitation: self.invitation,
        })
    }
}

/// What signing in takes. Nothing is checked but its size: a hint about the form of addresses or
/// passwords would be a hint about accounts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The address.
    #[schema(max_length = 1000)]
    pub email: String,
    /// The password.
    #[schema(max_length = 1024, format = Password)]
    pub password: String,
}

/// What changing the password takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password so far; absent or empty where there is none.
    #[serde(default)]
    #[schema(max_length = 1024, format = Password)]
    pub current_password: Option<String>,
    /// At least 8 characters.
    #[schema(min_length = 8, max_length = 1024, format = Password)]
    pub new_password: String,
}

impl PasswordChange {
    /// The two passwords, or what is wrong with the new one.
    pub fn check(self) -> Result<(String, String), Error> {
        let new = check_password(self.new_password, "/new_password")?;
        Ok((self.current_password.unwrap_or_default(), new))
    }
}

/// What setting a password anew takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The token of the message.
    #[schema(max_length = 200)]
    pub token: String,
    /// At least 8 characters.
    #[schema(min_length = 8, max_length = 1024, format = Password)]
    pub new_password: String,
}

impl PasswordReset {
    /// The token and the password, or what is wrong with the password.
    pub fn check(self) -> Result<(String, String), Error> {
        let new = check_password(self.new_password, "/new_password")?;
        Ok((self.token, new))
    }
}

fn check_password(value: String, pointer: &str) -> Result<String, Error> {
    let mut violations = Violations::default();
    check_new_password(&value, pointer, &mut violations);
    violations.into_result(value)
}

/// A change to oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserPatch)]
pub struct UserPatchInput {
    /// What to be called.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 200, required = false)]
    pub name: Option<String>,
    /// The IANA zone.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, example = "Europe/Berlin", required = false)]
    pub time_zone: Option<String>,
}

/// A change to oneself that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPatch {
    /// The new name.
    pub name: Option<String>,
    /// The new zone.
    pub time_zone: Option<Tz>,
}

impl UserPatchInput {
    /// The change, or everything that is wrong with it.
    pub fn check(self) -> Result<UserPatch, Error> {
        let mut violations = Violations::default();
        let name = self
            .name
            .map(|name| text::line(&name, "/name", MAX_NAME, &mut violations));
        let time_zone = self
            .time_zone
            .map(|zone| check_zone(&zone, &mut violations));
        violations.into_result(UserPatch { name, time_zone })
    }
}

/// An address in the form it was typed and the form it is compared in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    typed: String,
    key: String,
}

impl Address {
    /// An address, if it looks like one: something, one `@`, a domain with a dot or `localhost`;
    /// no white space or control characters. Whether mail arrives is for mail to tell.
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text.trim();
        let (local, domain) = typed.rsplit_once('@')?;
        let plain = |text: &str| {
            !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        let labels = domain.split('.').all(|label| !label.is_empty());
        let brackets = typed.contains(['<', '>', ',', ';', '"']);
        (plain(local)
            && plain(domain)
            && labels
            && !local.contains('@')
            && !brackets
            && typed.len() <= MAX_ADDRESS)
            .then(|| Self {
                typed: typed.to_owned(),
                key: typed.to_lowercase(),
            })
    }

    /// As typed.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// In lower case: what is compared.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn local_part(&self) -> &str {
        self.typed.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

/// An address of a request body.
pub fn check_address(value: &str, pointer: &str, violations: &mut Violations) -> Address {
    Address::parse(value).unwrap_or_else(|| {
        violations.add(pointer, "not_an_address", "must be a mail address");
        Address {
            typed: String::new(),
            key: String::new(),
        }
    })
}

fn check_zone(value: &str, violations: &mut Violations) -> Tz {
    parse_zone(value).unwrap_or_else(|| {
        violations.add("/time_zone", "unknown_time_zone", "must be an IANA zone");
        Tz::UTC
    })
}

fn check_new_password(value: &str, pointer: &str, violations: &mut Violations) {
    if value.chars().count() < MIN_PASSWORD {
        let rule = format!("must have at least {MIN_PASSWORD} characters");
        violations.add(pointer, "too_short", rule);
    } else if value.len() > MAX_PASSWORD_BYTES {
        let rule = format!("must have at most {MAX_PASSWORD_BYTES} bytes");
        violations.add(pointer, "too_long", rule);
    }
}

/// Hashes a password for storage, as a PHC string.
pub fn hash_password(password: &str, salt: &[u8; 16]) -> Result<String, Error> {
    let salt = SaltString::encode_b64(salt).map_err(internal)?;
    let hash = argon2()?
        .hash_password(password.as_bytes(), &salt)
        .map_err(internal)?;
    Ok(hash.to_string())
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("password hashing: {cause}"))
}

/// What verifying a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Good,
    /// It is the password, and the hash is of an older kind: hash it anew.
    GoodButOld,
    /// It is not.
    Wrong,
}

/// Verifies a password against a stored hash: argon2id, or bcrypt from before. Where there is no
/// account (`None`), the same work is done for nothing, so that its absence takes as long.
pub fn verify_password(password: &str, stored: Option<&str>) -> Result<Verdict, Error> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Ok(Verdict::Wrong);
    }
    match stored {
        None => hash_password(password, &[0; 16]).map(|_| Verdict::Wrong),
        Some(stored) if stored.starts_with("$2") => Ok(verify_bcrypt(password, stored)),
        Some(stored) => verify_argon2(password, stored),
    }
}

fn verify_argon2(password: &str, stored: &str) -> Result<Verdict, Error> {
    let hash = PasswordHash::new(stored).map_err(internal)?;
    if argon2()?
        .verify_password(password.as_bytes(), &hash)
        .is_err()
    {
        return Ok(Verdict::Wrong);
    }
    let current = Params::try_from(&hash).is_ok_and(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
    });
    Ok(if current {
        Verdict::Good
    } else {
        Verdict::GoodButOld
    })
}

/// Bcrypt takes 72 bytes and no NUL; what made the hash cut there, so we do.
fn verify_bcrypt(password: &str, stored: &str) -> Verdict {
    let bytes = password.as_bytes();
    let cut = bytes.get(..bytes.len().min(72)).unwrap_or(bytes);
    match bcrypt::verify(cut, stored) {
        Ok(true) => Verdict::GoodButOld,
        Ok(false) | Err(_) => Verdict::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let hash = hash_password("correct horse", &[3; 16]).expect("hashed");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_eq!(
            verify_password("correct horse", Some(&hash)).expect("ok"),
            Verdict::Good
        );
        assert_eq!(
            verify_password("wrong horse", Some(&hash)).expect("ok"),
            Verdict::Wrong
        );
        assert_eq!(
            verify_password("correct horse", None).expect("ok"),
            Verdict::Wrong
        );
    }

    #[test]
    fn a_bcrypt_hash_of_the_former_system_is_good_but_old() {
        let made = bcrypt::hash("correct horse", 4).expect("hashed");
        for prefix in ["$2a$", "$2b$", "$2y$"] {
            let stored = format!("{prefix}{}", made.get(4..).unwrap_or_default());
            let verdict = verify_password("correct horse", Some(&stored)).expect("ok");
            assert_eq!(verdict, Verdict::GoodButOld, "{prefix}");
        }
        assert_eq!(
            verify_password("x", Some("$2b$broken")).expect("ok"),
            Verdict::Wrong
        );
    }

    #[test]
    fn addresses_are_compared_in_lower_case() {
        let address = Address::parse(" Maya@Northwind.Example ").expect("an address");
        assert_eq!(address.as_str(), "Maya@Northwind.Example");
        assert_eq!(address.key(), "maya@northwind.example");
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c.d",
            "a@b..c",
            "a@b@c",
            "a@b,c@d",
            "a\u{0}@b.c",
        ] {
            assert!(Address::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_registration_names_all_that_is_wrong() {
        let json = r#"{"email":"x","password":"short","time_zone":"Nowhere"}"#;
        let registration: Registration = serde_json::from_str(json).expect("readable");
        let error = registration.check().err().expect("violations");
        assert_eq!(error.fields.len(), 3);
    }
}
