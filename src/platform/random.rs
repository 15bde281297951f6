//! Random bytes from the platform's generator.

use delegate_core::error::Error;

/// Random bytes, unguessable.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut buffer = [0; N];
    getrandom::fill(&mut buffer)
        .map_err(|error| Error::internal(format!("random bytes: {error}")))?;
    Ok(buffer)
}
