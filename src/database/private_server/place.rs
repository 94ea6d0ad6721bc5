//! Where the private server's files are, whose they are, and PostgreSQL's programs run on them.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::{Gid, Uid, User, getegid, geteuid};
use sha2::{Digest, Sha256};

use super::{Durability, NAME, PATIENCE, StartError, StopError};

/// Where Debian puts PostgreSQL's programs, in a folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The user that Debian's package makes, and that the server runs as when we are root.
const SERVER_USER: &str = "postgres";
/// Longest path of a Unix socket in bytes, and the file PostgreSQL adds to its folder's path.
const SOCKET_PATH_LIMIT: usize = 107;
const SOCKET_FILE: &str = "/.s.PGSQL.5432";
const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";
const LOG_LIMIT_BYTES: u64 = 10_000_000;

/// Who the server runs as.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: Uid,
    gid: Gid,
    /// PostgreSQL refuses to run as root: then we hand everything to another user.
    is_another: bool,
}

impl Account {
    pub(super) fn of_server() -> Result<Self, StartError> {
        if !geteuid().is_root() {
            let name = User::from_uid(geteuid()).ok().flatten().map_or_else(|| geteuid().to_string(), |user| user.name);
            return Ok(Self { name, uid: geteuid(), gid: getegid(), is_another: false });
        }
        match User::from_name(SERVER_USER) {
            Ok(Some(user)) => Ok(Self { name: user.name, uid: user.uid, gid: user.gid, is_another: true }),
            _ => Err(StartError::NoUser { user: SERVER_USER }),
        }
    }
}

/// The folders of one private server.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// `DATA/database`; its parent belongs to us, it and all within to the server's user.
    pub(super) folder: PathBuf,
    pub(super) socket_folder: PathBuf,
    programs: PathBuf,
    account: Account,
}

impl Place {
    pub(super) fn prepare(folder: PathBuf, account: Account) -> Result<Self, StartError> {
        let programs = programs_for(&folder.join("cluster"))?;
        own_folder(&folder, &account).map_err(|e| StartError::io("make", &folder, e))?;
        let mut place = Self { socket_folder: folder.join("run"), folder, programs, account };
        place.run("true", &[]).map_err(|e| match e.kind() {
            io::ErrorKind::PermissionDenied => StartError::Unreachable { folder: place.folder.clone(), user: place.account.name.clone() },
            _ => StartError::io("reach", &place.folder, e),
        })?;
        if !fits_a_socket(&place.socket_folder) {
            place.socket_folder = place.short_socket_folder();
        }
        own_folder(&place.socket_folder, &place.account).map_err(|e| StartError::io("make the socket's folder", &place.socket_folder, e))?;
        Ok(place)
    }

    /// The same for the same data folder, so that every program finds it.
    fn short_socket_folder(&self) -> PathBuf {
        let hash = Sha256::digest(self.folder.as_os_str().as_bytes());
        let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let base = if self.account.is_another && Path::new("/run").is_dir() { "/run" } else { "/tmp" };
        Path::new(base).join(format!("liaison-tracker-{hash}"))
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    pub(super) fn in_use_lock(&self) -> PathBuf {
        self.folder.with_extension("in-use.lock")
    }

    /// Makes the cluster under another name first: one that was cut off is made anew.
    pub(super) fn make_cluster(&self, settings: Durability) -> Result<(), StartError> {
        if self.cluster().join("PG_VERSION").exists() {
            return Ok(());
        }
        // What a killed program left; its initdb may live on for a moment, so ours works under another name.
        for left in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if left.file_name().as_bytes().starts_with(b"cluster.new") {
                fs::remove_dir_all(left.path()).ok();
            }
        }
        let name = format!("cluster.new-{}", std::process::id());
        let new = self.folder.join(&name);
        // No password is asked ("trust"): the server listens only on a socket, in a folder with mode 0700 that belongs
        // to the server's user. So only that user and root can reach it, who could read the data's files as well.
        let mut arguments = vec!["-D", &name, "-U", NAME, "-A", "trust"];
        arguments.extend(["--encoding=UTF8", "--locale=C.UTF-8"]);
        if settings == Durability::ForTests {
            arguments.push("--no-sync");
        }
        self.run("initdb", &arguments).map_err(|e| StartError::failed("PostgreSQL's new cluster could not be made", &e.to_string(), &self.folder))?;
        fs::rename(&new, self.cluster()).map_err(|e| StartError::io("rename", &new, e))
    }

    pub(super) fn start_server(&self, settings: Durability) -> Result<(), StartError> {
        let log = self.folder.join("server.log");
        let log_size = fs::metadata(&log).map_or(0, |log| log.len());
        if log_size > LOG_LIMIT_BYTES {
            fs::rename(&log, self.folder.join("server.log.1")).map_err(|e| StartError::io("rename", &log, e))?;
        }
        // A list of folders to PostgreSQL, in which quotes double; and pg_ctl hands the whole to a shell.
        let socket_folder = self.socket_folder.to_string_lossy().replace('"', "\"\"").replace('\'', r"'\''");
        let options = format!("-c listen_addresses='' -c port=5432 -c 'unix_socket_directories=\"{socket_folder}\"' {}", settings.settings());
        let patience = PATIENCE.as_secs().to_string();
        self.run("pg_ctl", &["start", "-w", "-t", &patience, "-D", "cluster", "-l", "server.log", "-o", &options]).map(drop).map_err(|e| {
            let log = fs::read(&log).unwrap_or_default();
            let since = usize::try_from(log_size).ok().filter(|start| *start < log.len()).unwrap_or(0);
            let words = format!("{e}\n{}", String::from_utf8_lossy(&log[since..]).trim_end());
            StartError::failed("PostgreSQL did not start", &words, &self.folder)
        })
    }

    pub(super) fn stop_server(&self) -> Result<(), StopError> {
        self.run("pg_ctl", &["stop", "-w", "-t", "60", "-m", "fast", "-D", "cluster"]).map_err(|e| StopError(e.to_string()))?;
        if !self.socket_folder.starts_with(&self.folder) {
            // It is empty now, and only litter in /run or /tmp; whoever starts next makes it again.
            fs::remove_dir(&self.socket_folder).ok();
        }
        Ok(())
    }

    /// Whether a postmaster works in our cluster: its file may be left from another life, and its number be another's.
    pub(super) fn is_running(&self) -> bool {
        let file = fs::read_to_string(self.cluster().join("postmaster.pid")).unwrap_or_default();
        let pid = file.lines().next().and_then(|line| line.trim().parse::<u32>().ok());
        pid.is_some_and(|pid| self.works_in_cluster(&Path::new("/proc").join(pid.to_string())))
    }

    /// All PostgreSQL processes have their cluster as working directory.
    fn works_in_cluster(&self, process: &Path) -> bool {
        fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == self.cluster())
    }

    /// Waits for the children of a killed postmaster, and takes away its files: the process they name may be
    /// another's by now.
    pub(super) fn clear_remains(&self) -> Result<(), StartError> {
        let begun = Instant::now();
        while fs::read_dir("/proc").is_ok_and(|all| all.flatten().any(|one| self.works_in_cluster(&one.path()))) {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(StartError::Busy { folder: self.folder.clone() });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        for file in [self.cluster().join("postmaster.pid"), self.socket_folder.join(SOCKET_LOCK)] {
            match fs::remove_file(&file) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(StartError::io("remove", &file, e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Runs one of PostgreSQL's programs (or `true`) as the server's user, inside `DATA/database`.
    fn run(&self, program: &str, arguments: &[&str]) -> io::Result<()> {
        let own = self.programs.join(program);
        let mut command = Command::new(if own.exists() { own.as_os_str() } else { OsStr::new(program) });
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        // PGPORT, PGDATA and the like would speak to the server too; and Ctrl-C is for us, who will stop it in order.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C.UTF-8").process_group(0);
        if self.account.is_another {
            command.uid(self.account.uid.as_raw()).gid(self.account.gid.as_raw()).env("HOME", "/");
        }
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(io::Error::other(format!("{program}: {}", String::from_utf8_lossy(&said).trim_end())))
    }
}

/// The data folder's full path; when it is new, nobody but us and the server's user may come through it.
pub(super) fn make_data_dir(data_dir: &Path, account: &Account) -> io::Result<PathBuf> {
    if !data_dir.exists() {
        fs::create_dir_all(data_dir)?;
        let mode = if account.is_another { 0o711 } else { 0o700 };
        fs::set_permissions(data_dir, Permissions::from_mode(mode))?;
    }
    data_dir.canonicalize()
}

/// A folder with mode 0700 that belongs to the server's user; refuses one that someone else has put there.
fn own_folder(path: &Path, account: &Account) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    let found = fs::symlink_metadata(path)?;
    let owner = Uid::from_raw(found.uid());
    if !found.is_dir() || found.mode() & 0o077 != 0 || (owner != account.uid && owner != geteuid()) {
        let name = &account.name;
        return Err(io::Error::other(format!("it is not a folder that only the user {name} can enter")));
    }
    chown(path, Some(account.uid.as_raw()), Some(account.gid.as_raw()))
}

pub(super) fn start_lock(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

/// Waits for a lock; `WouldBlock` if another program held it all the time.
pub(super) fn hold(path: &Path) -> io::Result<File> {
    let file = open_lock(path)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(e) => return Err(e.into()),
        }
    }
}

pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

fn fits_a_socket(folder: &Path) -> bool {
    folder.to_str().is_some_and(|folder| folder.len() + SOCKET_FILE.len() <= SOCKET_PATH_LIMIT)
}

/// The folder of the PostgreSQL programs that fit the cluster; for a new one, of the newest.
fn programs_for(cluster: &Path) -> Result<PathBuf, StartError> {
    let of_version = |version: u32| Path::new(DEBIAN).join(version.to_string()).join("bin");
    let installed = || {
        let folders = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let versions = folders.filter_map(|folder| folder.file_name().to_str()?.parse::<u32>().ok());
        versions.filter(|version| of_version(*version).join("initdb").exists())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let elsewhere = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
    let made_by = fs::read_to_string(cluster.join("PG_VERSION")).ok().and_then(|v| v.trim().parse::<u32>().ok());
    match made_by {
        Some(version) if installed().any(|found| found == version) => Ok(of_version(version)),
        Some(version) if elsewhere.is_none() => Err(StartError::OtherVersion { version, cluster: cluster.to_owned() }),
        Some(_) => elsewhere.ok_or(StartError::NotInstalled),
        None => installed().max().map(of_version).or(elsewhere).ok_or(StartError::NotInstalled),
    }
}
