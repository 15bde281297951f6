//! Message files as one mailbox file (mboxrd: every line that could be taken for a separator is
//! escaped, so the messages come out exactly as they went in).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The `.eml` files of a folder as one mailbox, in the order of their names.
pub(crate) fn of_folder(folder: &Path) -> Result<Vec<u8>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("{} holds no .eml file", folder.display());
    }
    let mut mailbox = Vec::new();
    for file in files {
        let message =
            fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
        append(&mut mailbox, &message);
    }
    Ok(mailbox)
}

fn append(mailbox: &mut Vec<u8>, message: &[u8]) {
    // The date is asked for by the format and used by nobody: the message has its own.
    mailbox.extend_from_slice(b"From delegate@localhost Thu Jan  1 00:00:00 1970\n");
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let quoted = line
            .iter()
            .position(|byte| *byte != b'>')
            .unwrap_or(line.len());
        if line
            .get(quoted..)
            .is_some_and(|rest| rest.starts_with(b"From "))
        {
            mailbox.push(b'>');
        }
        mailbox.extend_from_slice(line);
    }
    if !message.ends_with(b"\n") {
        mailbox.push(b'\n');
    }
    mailbox.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn lines_that_look_like_separators_are_escaped() {
        let mut mailbox = Vec::new();
        append(
            &mut mailbox,
            b"Subject: a\n\nFrom here\n>From there\nFromage",
        );
        let text = String::from_utf8_lossy(&mailbox).into_owned();
        let (_, message) = text.split_once('\n').unwrap_or_default();
        assert_eq!(
            message,
            "Subject: a\n\n>From here\n>>From there\nFromage\n\n"
        );
    }
}
