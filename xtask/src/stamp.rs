//! Whether something made from files is still of these files.
//!
//! A stamp holds a digest of the contents, not of times: a fresh clone and a switch of branches
//! change every time and no content.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A digest over files, folders and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    /// Of these files and everything in these folders; what is missing counts as missing.
    pub(crate) fn of(root: &Path, inputs: &[&str], settings: &[&str]) -> Result<Self> {
        let mut files = Vec::new();
        for input in inputs {
            collect(&root.join(input), &mut files)
                .with_context(|| format!("could not list {input}"))?;
        }
        files.sort();

        let mut digest = Sha256::new();
        for setting in settings {
            digest.update(setting.as_bytes());
            digest.update([0]);
        }
        for file in files {
            let content =
                fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            let name = file.strip_prefix(root).unwrap_or(&file);
            digest.update(name.as_os_str().as_encoded_bytes());
            // The length keeps the end of one file from being read as the start of the next.
            digest.update(content.len().to_be_bytes());
            digest.update(&content);
        }
        Ok(Self(hex(&digest.finalize())))
    }
}

/// The file that remembers a [`Fingerprint`] beside the thing that was made.
#[derive(Debug)]
pub(crate) struct Stamp {
    path: PathBuf,
}

impl Stamp {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn holds(&self, fingerprint: &Fingerprint) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|text| text.trim() == fingerprint.0)
    }

    pub(crate) fn set(&self, fingerprint: &Fingerprint) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("could not create {}", folder.display()))?;
        }
        fs::write(&self.path, &fingerprint.0)
            .with_context(|| format!("could not write {}", self.path.display()))
    }

    /// Forgets it, so that work which is cut short is not taken for done.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("could not remove {}", self.path.display()))
            }
            _ => Ok(()),
        }
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, sha256};

    #[test]
    fn a_setting_changes_the_fingerprint() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let of = |settings: &[&str]| Fingerprint::of(root, &["Cargo.toml"], settings).ok();
        assert_eq!(of(&["release"]), of(&["release"]));
        assert_ne!(of(&["release"]), of(&["dev"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    }

    #[test]
    fn digests_are_lower_case_hexadecimal() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
