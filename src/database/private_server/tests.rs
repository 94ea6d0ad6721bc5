use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::{Durability, PrivateServer, StartError, start};

/// A data folder that the server's user can reach also when we are root.
fn data_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("lt-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
    folder
}

async fn server_in(folder: &Path) -> PrivateServer {
    start(folder, Durability::ForTests).await.unwrap()
}

async fn connection(server: &PrivateServer) -> PgConnection {
    PgConnection::connect(&server.url("liaison")).await.unwrap()
}

async fn note(server: &PrivateServer) {
    let mut connection = connection(server).await;
    sqlx::raw_sql("CREATE TABLE notes (words text); INSERT INTO notes VALUES ('kept')").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn noted(server: &PrivateServer) -> String {
    sqlx::query_scalar("SELECT words FROM notes").fetch_one(&mut connection(server).await).await.unwrap()
}

fn postmaster(folder: &Path) -> Option<i32> {
    let file = fs::read_to_string(folder.join("database/cluster/postmaster.pid")).ok()?;
    file.lines().next()?.parse().ok()
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = data_folder();
    let server = server_in(folder.path()).await;
    note(&server).await;

    server.stop().await.unwrap();

    assert_eq!(postmaster(folder.path()), None);
    assert_eq!(noted(&server_in(folder.path()).await).await, "kept");
}

#[tokio::test]
async fn two_starts_share_one_server_and_the_last_to_leave_stops_it() {
    let folder = data_folder();

    let (one, two) = tokio::join!(server_in(folder.path()), server_in(folder.path()));

    let pid = postmaster(folder.path());
    assert!(pid.is_some());
    note(&one).await;
    one.stop().await.unwrap();
    assert_eq!(postmaster(folder.path()), pid);
    assert_eq!(noted(&two).await, "kept");
    drop(two);
    assert_eq!(postmaster(folder.path()), None);
}

#[tokio::test]
async fn a_server_left_running_by_a_killed_program_is_taken_over() {
    let folder = data_folder();
    let mut killed = server_in(folder.path()).await;
    note(&killed).await;
    let pid = postmaster(folder.path());
    killed.in_use = None;
    drop(killed);

    let server = server_in(folder.path()).await;

    assert_eq!(postmaster(folder.path()), pid);
    assert_eq!(noted(&server).await, "kept");
    server.stop().await.unwrap();
    assert_eq!(postmaster(folder.path()), None);
}

#[tokio::test]
async fn a_killed_postmaster_is_replaced() {
    let folder = data_folder();
    let killed = start(folder.path(), Durability::Safe).await.unwrap();
    note(&killed).await;
    let pid = postmaster(folder.path()).unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();

    let server = start(folder.path(), Durability::Safe).await.unwrap();

    assert_ne!(postmaster(folder.path()), Some(pid));
    assert_eq!(noted(&server).await, "kept");
}

#[tokio::test]
async fn a_stale_file_that_names_a_living_stranger_does_not_stop_the_start() {
    let folder = data_folder();
    let server = server_in(folder.path()).await;
    let file = folder.path().join("database/cluster/postmaster.pid");
    let words = fs::read_to_string(&file).unwrap();
    server.stop().await.unwrap();
    let stranger = std::process::id().to_string();
    let stale = words.lines().skip(1).fold(stranger, |all, line| format!("{all}\n{line}"));
    fs::write(&file, format!("{stale}\n")).unwrap();

    let server = server_in(folder.path()).await;

    connection(&server).await.close().await.unwrap();
}

#[tokio::test]
async fn a_long_and_odd_path_works() {
    let folder = data_folder();
    let long = folder.path().join(format!("it's \"$HOME\" {}", "x".repeat(150)));
    let odd = folder.path().join("it's \"$HOME\", 50 % + ä");

    for path in [long, odd] {
        let server = server_in(&path).await;
        note(&server).await;
        assert_eq!(noted(&server).await, "kept");
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_folder_out_of_reach_is_named_with_the_way_out() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let folder = data_folder();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();

    let refused = start(&folder.path().join("data"), Durability::ForTests).await.unwrap_err();

    assert!(matches!(refused, StartError::Unreachable { .. }), "{refused}");
    assert!(refused.to_string().contains("LIAISON_DATA_DIR"), "{refused}");
}

#[tokio::test]
async fn a_cluster_that_was_half_made_is_made_anew() {
    let folder = data_folder();
    let server = server_in(folder.path()).await;
    server.stop().await.unwrap();
    let half = folder.path().join("database/cluster.new-1");
    fs::rename(folder.path().join("database/cluster"), &half).unwrap();
    fs::remove_file(half.join("PG_VERSION")).unwrap();

    let server = server_in(folder.path()).await;

    note(&server).await;
    assert!(!half.exists());
}
