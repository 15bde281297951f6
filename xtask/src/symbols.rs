//! The names of functions in a Wasm module: a tenth of what an isolate loads, and of use to nobody
//! but a debugger.
//!
//! worker-build keeps them whatever it is asked. They are the custom section `name` (WebAssembly
//! core specification, appendix 7.4), which nothing refers to, so it is left out and the module
//! with it is kept under `target/symbols`. A panic still tells its file and line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// A module begins with its magic number and its version.
const HEADER_BYTES: usize = 8;
/// The identifier of a custom section.
const CUSTOM: u8 = 0;

/// Takes the names out of a module, and keeps it as it was elsewhere.
pub(crate) fn set_aside(module: &Path, kept: &Path) -> Result<()> {
    let bytes = fs::read(module).with_context(|| format!("could not read {}", module.display()))?;
    let stripped = without_names(&bytes)
        .with_context(|| format!("{} is not a Wasm module", module.display()))?;
    fs::create_dir_all(kept).with_context(|| format!("could not create {}", kept.display()))?;
    let name = module.file_name().unwrap_or_default();
    fs::write(kept.join(name), &bytes).context("could not keep the module with its names")?;
    fs::write(module, stripped).with_context(|| format!("could not write {}", module.display()))
}

/// The module without the section; `None` where it is not one.
fn without_names(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER_BYTES)?;
    if !header.starts_with(b"\0asm") {
        return None;
    }
    let mut kept = header.to_vec();
    while let Some((&kind, after_kind)) = rest.split_first() {
        let (length, body) = number(after_kind)?;
        let (content, next) = body.split_at_checked(length)?;
        let is_names = kind == CUSTOM
            && number(content).is_some_and(|(length, name)| name.get(..length) == Some(b"name"));
        if !is_names {
            kept.extend_from_slice(rest.get(..rest.len() - next.len())?);
        }
        rest = next;
    }
    Some(kept)
}

/// An unsigned number in LEB128, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_names;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn only_the_section_of_names_is_left_out() {
        let other = [HEADER, b"\x01\x02ab", b"\0\x06\x05other", b"\x03\x01z"].concat();
        let named = [
            HEADER,
            b"\x01\x02ab",
            b"\0\x08\x04nameabc",
            b"\0\x06\x05other",
            b"\x03\x01z",
        ];
        assert_eq!(without_names(&named.concat()), Some(other.clone()));
        assert_eq!(without_names(&other), Some(other));
    }

    #[test]
    fn what_is_not_a_module_or_cut_short_is_refused() {
        assert_eq!(without_names(b"<html>.."), None);
        assert_eq!(without_names(&[HEADER, b"\x01\x7fab"].concat()), None);
    }
}
