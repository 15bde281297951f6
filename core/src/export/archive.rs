//! A `.tar.gz` in parts that are made one by one, by whoever comes next.
//!
//! A part is one whole gzip member (RFC 1952, 2.2: members are simply joined), and what the members
//! hold together is one tar archive (POSIX.1-2017, pax, ustar interchange format). So the parts in
//! their order are the archive, and a part can end anywhere, also inside an entry: a large message
//! never has to fit into memory. The last part ends with the two blocks of zeros that close a tar.
//!
//! Nothing here looks at a clock or at anything else outside: the same entries give the same bytes.

use std::fmt;
use std::io::Write as _;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

use crate::time::Timestamp;

/// Tar's unit of length: entries begin at multiples of it.
const BLOCK: usize = 512;

/// What ends a tar, and what fills a block up.
const ZEROS: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The longest name of an entry. Ustar has room for 255, if a slash is at the right place; names
/// here are made by us and short.
const MAX_NAME: usize = 100;

/// Owner may write, everybody may read.
const MODE: u32 = 0o644;

/// Why a part could not be made. All of them are faults of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveError {
    /// A name that could lead out of the folder it is unpacked in, or that not every program can
    /// read.
    UnsafeName(String),
    /// An entry is begun or the archive ends while an entry still lacks bytes.
    EntryUnfinished,
    /// More bytes than the entry was to have.
    EntryOverflows,
    /// The compressor refused.
    Compression(String),
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsafeName(name) => write!(f, "not a name for an entry: {name}"),
            Self::EntryUnfinished => f.write_str("an entry has fewer bytes than announced"),
            Self::EntryOverflows => f.write_str("an entry has more bytes than announced"),
            Self::Compression(cause) => write!(f, "compressing: {cause}"),
        }
    }
}

impl std::error::Error for ArchiveError {}

/// Whether a name stays where it is unpacked and can be read everywhere: words of ASCII letters,
/// digits, `.`, `_` and `-`, joined by single slashes.
fn is_safe(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.split('/').all(|word| {
            !word.is_empty()
                && !word.starts_with('.')
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        })
}

/// Writes entries into parts.
#[derive(Debug)]
pub struct Writer {
    encoder: GzEncoder<Vec<u8>>,
    /// How many bytes the open entry still lacks.
    missing: u64,
    /// How many zeros follow it.
    padding: usize,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            encoder: encoder(),
            missing: 0,
            padding: 0,
        }
    }
}

fn encoder() -> GzEncoder<Vec<u8>> {
    // Without a time of its own: the entries have theirs.
    GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default())
}

impl Writer {
    /// Writes a whole entry.
    pub fn entry(
        &mut self,
        name: &str,
        content: &[u8],
        modified: Timestamp,
    ) -> Result<(), ArchiveError> {
        self.begin(name, content.len() as u64, modified)?;
        self.push(content)
    }

    /// Begins an entry of this many bytes, which [`Self::push`] then gives.
    pub fn begin(
        &mut self,
        name: &str,
        length: u64,
        modified: Timestamp,
    ) -> Result<(), ArchiveError> {
        if self.missing > 0 {
            return Err(ArchiveError::EntryUnfinished);
        }
        let refused = || ArchiveError::UnsafeName(name.to_owned());
        if !is_safe(name) {
            return Err(refused());
        }
        let mut header = Header::new_ustar();
        header.set_path(name).map_err(|_| refused())?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(length);
        header.set_mode(MODE);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(u64::try_from(modified.milliseconds() / 1000).unwrap_or(0));
        header.set_cksum();
        self.compress(header.as_bytes())?;
        self.missing = length;
        let last_block = usize::try_from(length % BLOCK as u64).unwrap_or(0);
        self.padding = last_block.next_multiple_of(BLOCK) - last_block;
        Ok(())
    }

    /// The next bytes of the open entry.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.missing = self
            .missing
            .checked_sub(bytes.len() as u64)
            .ok_or(ArchiveError::EntryOverflows)?;
        self.compress(bytes)?;
        if self.missing == 0 {
            let padding = std::mem::take(&mut self.padding);
            self.zeros(padding)?;
        }
        Ok(())
    }

    /// How many bytes the part has so far; what the compressor holds back comes on top.
    pub fn part_length(&self) -> usize {
        self.encoder.get_ref().len()
    }

    /// Ends the part and begins the next one.
    pub fn cut(&mut self) -> Result<Vec<u8>, ArchiveError> {
        let finished = std::mem::replace(&mut self.encoder, encoder());
        finished.finish().map_err(|error| failed(&error))
    }

    /// Ends the last part of several that one writer made; others may follow from another writer.
    pub fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        if self.missing > 0 {
            return Err(ArchiveError::EntryUnfinished);
        }
        self.cut()
    }

    /// Ends the archive with its last part.
    pub fn close(mut self) -> Result<Vec<u8>, ArchiveError> {
        self.zeros(ZEROS.len())?;
        self.finish()
    }

    /// Writes up to [`ZEROS`].
    fn zeros(&mut self, count: usize) -> Result<(), ArchiveError> {
        self.compress(ZEROS.get(..count).unwrap_or(&ZEROS))
    }

    fn compress(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.encoder
            .write_all(bytes)
            .map_err(|error| failed(&error))
    }
}

fn failed(error: &std::io::Error) -> ArchiveError {
    ArchiveError::Compression(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use flate2::read::MultiGzDecoder;
    use proptest::prelude::*;

    use super::*;

    const AT: i64 = 1_774_000_000_000;

    fn at() -> Timestamp {
        Timestamp::from_milliseconds(AT)
    }

    /// The entries of an archive, as another program reads them.
    fn read(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut archive = tar::Archive::new(MultiGzDecoder::new(archive));
        let entries = archive.entries().expect("a tar");
        entries
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                assert_eq!(entry.header().mode().expect("a mode"), MODE);
                assert_eq!(entry.header().mtime().expect("a time"), 1_774_000_000);
                let name = entry.path().expect("a path").display().to_string();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).expect("its content");
                (name, content)
            })
            .collect()
    }

    #[test]
    fn parts_of_several_writers_are_one_archive() {
        let mut first = Writer::default();
        first.entry("README.txt", b"hello", at()).expect("written");
        let mut second = Writer::default();
        second
            .entry("mail/a.eml", &[7; 512], at())
            .expect("written");
        second.entry("mail/b.eml", b"", at()).expect("written");
        let parts = [
            first.finish().expect("a part"),
            second.finish().expect("a part"),
            Writer::default().close().expect("the end"),
        ];
        let entries = read(&parts.concat());
        let lengths = entries
            .iter()
            .map(|(name, content)| (name.as_str(), content.len()));
        assert_eq!(
            lengths.collect::<Vec<_>>(),
            [("README.txt", 5), ("mail/a.eml", 512), ("mail/b.eml", 0)]
        );
    }

    #[test]
    fn the_same_entries_give_the_same_bytes() {
        let make = || {
            let mut writer = Writer::default();
            writer.entry("a.json", b"[]", at()).expect("written");
            writer.close().expect("closed")
        };
        assert_eq!(make(), make());
    }

    #[test]
    fn the_tar_of_the_system_lists_it_without_a_complaint() {
        let mut writer = Writer::default();
        writer.entry("README.txt", b"hello", at()).expect("written");
        let mut archive = writer.cut().expect("a part");
        writer
            .entry("mail/a.eml", &[1; 1000], at())
            .expect("written");
        archive.extend(writer.close().expect("the end"));
        let Ok(mut child) = Command::new("tar")
            .args(["tzf", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
        else {
            return; // a system without tar has nothing to say
        };
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(&archive).expect("read by tar");
        drop(stdin);
        let output = child.wait_with_output().expect("tar ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && told.is_empty(), "{told}");
        assert_eq!(output.stdout, b"README.txt\nmail/a.eml\n");
    }

    #[test]
    fn a_name_that_could_lead_out_of_the_folder_is_refused() {
        let long = "x".repeat(MAX_NAME + 1);
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "a\0b",
            "ä.eml",
            "a b",
            "C:x",
            ".profile",
            long.as_str(),
        ] {
            let refused = Writer::default().entry(name, b"", at());
            assert_eq!(refused, Err(ArchiveError::UnsafeName(name.to_owned())));
        }
        assert!(is_safe(&"x".repeat(MAX_NAME)));
        assert!(is_safe("mail/eml_01m81q693dfvparr9432s4tb40.eml"));
    }

    #[test]
    fn an_entry_has_exactly_the_bytes_that_were_announced() {
        let mut writer = Writer::default();
        writer.begin("a", 3, at()).expect("begun");
        writer.push(b"ab").expect("within");
        assert_eq!(writer.push(b"cd"), Err(ArchiveError::EntryOverflows));
        let mut writer = Writer::default();
        writer.begin("a", 3, at()).expect("begun");
        assert_eq!(
            writer.begin("b", 0, at()),
            Err(ArchiveError::EntryUnfinished)
        );
        assert_eq!(writer.close().err(), Some(ArchiveError::EntryUnfinished));
    }

    proptest! {
        #[test]
        fn whatever_is_written_and_wherever_it_is_cut_reads_back(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2000), 0..6),
            chunk in 1_usize..700,
            cut_every in 1_usize..5,
        ) {
            let mut archive = Vec::new();
            let mut writer = Writer::default();
            let mut chunks = 0;
            for (number, content) in contents.iter().enumerate() {
                writer.begin(&format!("mail/{number:04}.eml"), content.len() as u64, at()).expect("begun");
                for bytes in content.chunks(chunk) {
                    writer.push(bytes).expect("written");
                    chunks += 1;
                    if chunks % cut_every == 0 {
                        archive.extend(writer.cut().expect("a part"));
                    }
                }
            }
            archive.extend(writer.close().expect("the end"));
            let entries = read(&archive);
            let found: Vec<Vec<u8>> = entries.into_iter().map(|(_, content)| content).collect();
            prop_assert_eq!(found, contents);
        }

        #[test]
        fn a_name_that_is_taken_is_kept_as_it_is(name in "[a-zA-Z0-9._/-]{1,120}") {
            let mut writer = Writer::default();
            if writer.entry(&name, b"x", at()).is_ok() {
                let entries = read(&writer.close().expect("the end"));
                prop_assert_eq!(entries, vec![(name, b"x".to_vec())]);
            }
        }
    }
}
