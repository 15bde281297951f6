//! Programs that a command starts, and how all of them end with it.
//!
//! Every program runs in a process group of its own. Ctrl-C in a terminal therefore reaches xtask
//! alone, which then ends the whole group: wrangler starts Node, Node starts workerd, and none of
//! them may outlive the command. A program never reads the terminal, except in
//! [`Program::interactive`].
//!
//! On Linux a program's orphans become our children ([`adopt_orphans`]), so that we see them end;
//! elsewhere the system's first process sees to them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{
    Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpgid,
};

use crate::interrupt;
use crate::terminal::Step;

/// How often a waiting loop looks at the child and at the interrupt flag.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a group has to end by itself; workerd and wrangler take well under a second.
const GRACE: Duration = Duration::from_secs(8);

/// The last lines of a program's output that a failure shows.
const TAIL: usize = 40;

/// Makes us the parent of processes whose own parent ended. In a container the first process may
/// be slow to collect them or never do, and a group that holds a dead process counts as alive.
pub(crate) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    if rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_err() {
        crate::terminal::warn("ending what is started here may take some seconds longer");
    }
}

/// A program about to be started.
#[derive(Debug)]
pub(crate) struct Program {
    name: String,
    command: Command,
}

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let name = Path::new(program)
            .file_name()
            .unwrap_or(program)
            .to_string_lossy()
            .into_owned();
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { name, command }
    }

    /// What failures call it.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end with its output on the terminal.
    pub(crate) fn shown(self) -> Result<()> {
        let name = self.name.clone();
        let status = self.shown_status()?;
        if status.success() {
            Ok(())
        } else {
            bail!("{name} failed ({status})")
        }
    }

    /// Like [`Program::shown`], but how it ended is the caller's to judge.
    pub(crate) fn shown_status(mut self) -> Result<ExitStatus> {
        // What we print must stand before what the program prints.
        std::io::stdout().flush().ok();
        self.command.process_group(0);
        let child = self.spawn()?;
        Group {
            name: self.name,
            child,
        }
        .wait()
    }

    /// Runs it in our own process group with the terminal as its input, because it asks questions.
    pub(crate) fn interactive(mut self) -> Result<()> {
        self.command.stdin(Stdio::inherit());
        let status = self
            .spawn()?
            .wait()
            .with_context(|| format!("lost track of {}", self.name))?;
        if status.success() {
            Ok(())
        } else {
            bail!("{} failed ({status})", self.name)
        }
    }

    /// Runs it as part of a step: its last line shows what it is doing, and its output appears
    /// only if it fails.
    pub(crate) fn during(self, step: &Step) -> Result<()> {
        let name = self.name.clone();
        let mut running = self.start()?;
        let mut tail = Tail::default();
        let status = loop {
            match running.lines.recv_timeout(GLANCE) {
                Ok(line) => {
                    step.detail(&line);
                    tail.push(line);
                }
                Err(RecvTimeoutError::Timeout) => interrupt::check()?,
                Err(RecvTimeoutError::Disconnected) => break running.group.wait()?,
            }
        };
        if status.success() {
            return Ok(());
        }
        Err(anyhow!("it said:\n{}", tail.text())).context(format!("{name} failed ({status})"))
    }

    /// Runs it and returns its standard output.
    pub(crate) fn captured(self) -> Result<String> {
        let name = self.name.clone();
        let (status, out, error) = self.captured_all()?;
        if status.success() {
            return Ok(out);
        }
        Err(anyhow!("it said: {}", format!("{error}\n{out}").trim()))
            .context(format!("{name} failed ({status})"))
    }

    /// Runs it and returns how it ended, its standard output and its standard error.
    pub(crate) fn captured_all(mut self) -> Result<(ExitStatus, String, String)> {
        self.command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = self.spawn()?;
        let out = child.stdout.take().map(read_apart);
        let error = child.stderr.take().map(read_apart);
        let status = Group {
            name: self.name,
            child,
        }
        .wait()?;
        let text = |reader: Option<thread::JoinHandle<Vec<u8>>>| {
            let bytes = reader
                .and_then(|reader| reader.join().ok())
                .unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ok((status, text(out), text(error)))
    }

    /// Starts it and leaves it running, its output as a stream of lines.
    pub(crate) fn start(mut self) -> Result<Running> {
        self.command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = self.spawn()?;
        let (sender, lines) = channel();
        if let Some(out) = child.stdout.take() {
            forward(out, sender.clone());
        }
        if let Some(error) = child.stderr.take() {
            forward(error, sender);
        }
        Ok(Running {
            group: Group {
                name: self.name,
                child,
            },
            lines,
        })
    }

    fn spawn(&mut self) -> Result<Child> {
        interrupt::check()?;
        self.command
            .spawn()
            .with_context(|| format!("could not start {}", self.name))
    }
}

/// A program that runs beside us, with what it prints.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) group: Group,
    /// Ends when the program and all it started have closed their output.
    pub(crate) lines: Receiver<String>,
}

/// A started program and everything it started in turn. Dropping it ends them all.
#[derive(Debug)]
pub(crate) struct Group {
    name: String,
    child: Child,
}

impl Group {
    /// Waits for the program's end; an interrupt ends it sooner.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            interrupt::check()?;
            thread::sleep(GLANCE);
        }
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .with_context(|| format!("lost track of {}", self.name))
    }

    /// Ends the whole group: politely, then by force. Returns when none of it is left.
    pub(crate) fn stop(&mut self) {
        let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        for (signal, patience) in [
            (Signal::TERM, GRACE),
            (Signal::KILL, Duration::from_secs(2)),
        ] {
            // An error says that the group is empty, which is what we want.
            if kill_process_group(group, signal).is_err() {
                break;
            }
            let asked = Instant::now();
            while asked.elapsed() < patience {
                self.collect(group);
                if test_kill_process_group(group).is_err() {
                    return;
                }
                thread::sleep(GLANCE);
            }
        }
        self.collect(group);
    }

    /// Collects the dead of the group: it lasts until the last of them is.
    fn collect(&mut self, group: Pid) {
        // The leader is the standard library's to collect, and comes first.
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Default)]
struct Tail(Vec<String>);

impl Tail {
    fn push(&mut self, line: String) {
        if self.0.len() == TAIL {
            self.0.remove(0);
        }
        self.0.push(line);
    }

    fn text(&self) -> String {
        self.0.join("\n")
    }
}

/// Sends each line to the channel, from a thread that ends with the pipe.
fn forward(pipe: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if sender.send(text).is_err() {
                break;
            }
        }
        // Nobody listens any more; an undrained pipe would block the program.
        std::io::copy(&mut reader, &mut std::io::sink()).ok();
    });
}

fn read_apart(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).ok();
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::Program;

    #[test]
    fn output_is_returned_and_failure_names_the_program() -> anyhow::Result<()> {
        assert_eq!(
            Program::new("sh").args(["-c", "echo hello"]).captured()?,
            "hello\n"
        );
        let error = Program::new("sh")
            .args(["-c", "echo why >&2; exit 3"])
            .captured()
            .err();
        let text = error.map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(text.contains("sh failed") && text.contains("why"), "{text}");
        Ok(())
    }

    #[test]
    fn stopping_ends_what_the_program_started() -> anyhow::Result<()> {
        super::adopt_orphans();
        let mut running = Program::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .start()?;
        let grandchild = running.lines.recv()?;
        running.group.stop();
        assert!(!std::path::Path::new(&format!("/proc/{grandchild}/cmdline")).exists());
        Ok(())
    }
}
