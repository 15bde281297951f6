//! Where things lie: the checkout, what is generated in it, and who may write there.
//!
//! Everything generated is in a folder that git ignores: `.tools` (installed tools), `node_modules`,
//! `build` (the Worker), `dist/site` (static pages), `.delegate` (state and logs of local runs),
//! `.dev.vars` (secrets of local runs).

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::interrupt;

/// The checkout that the command works on.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The checkout whose `xtask` is running.
    pub(crate) fn locate() -> Result<Self> {
        // Cargo sets the variable when it runs us; the constant serves a binary started by hand.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask must lie inside the project")?
            .to_path_buf();
        if !root.join("Cargo.lock").is_file() {
            bail!(
                "{} does not look like Delegate's checkout: it has no Cargo.lock",
                root.display()
            );
        }
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A program that `cargo xtask setup` installed with cargo.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.path(".tools/bin").join(name)
    }

    /// A program that an npm package brought.
    pub(crate) fn npm_tool(&self, name: &str) -> PathBuf {
        self.path("node_modules/.bin").join(name)
    }

    /// A log file of a local run; its folder exists afterwards.
    pub(crate) fn log(&self, name: &str) -> Result<PathBuf> {
        let folder = self.path(".delegate/logs");
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        Ok(folder.join(format!("{name}.log")))
    }

    /// `PATH` with the project's own Node first: wrangler and wasm-opt are Node scripts and the
    /// machine's Node may be too old for them.
    pub(crate) fn search_path(&self) -> Result<OsString> {
        let rest = env::var_os("PATH").unwrap_or_default();
        let folders =
            std::iter::once(self.path("node_modules/.bin")).chain(env::split_paths(&rest));
        env::join_paths(folders).context("a folder name on PATH holds a colon")
    }
}

/// A file lock that other `cargo xtask` runs on the same checkout respect. Freed when dropped, and
/// by the system when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until the lock is ours, and says whom it waits for.
    pub(crate) fn wait(path: &Path, busy: &str) -> Result<Self> {
        let mut told = false;
        loop {
            if let Some(lock) = Self::attempt(path)? {
                return Ok(lock);
            }
            if !told {
                eprintln!("{busy}");
                told = true;
            }
            interrupt::check()?;
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    /// The lock, or `None` where somebody else has it.
    pub(crate) fn attempt(path: &Path) -> Result<Option<Self>> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("could not create {}", folder.display()))?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .with_context(|| format!("could not open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("could not lock {}", path.display()))
            }
        }
    }
}
