//! Which binaries are found and chosen.

use std::fs;
use std::path::{Path, PathBuf};

use crate::managed_pg::binaries::{Binaries, Where, candidates, choose, major_of, versions};
use crate::managed_pg::error::Error;

fn installed(majors: &[u32]) -> Vec<Binaries> {
    majors.iter().map(|major| Binaries { dir: PathBuf::from(format!("/pg/{major}")), major: *major }).collect()
}

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("grantor-binaries-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }

    fn holding(&self, dir: &str) -> PathBuf {
        let dir = self.0.join(dir);
        fs::create_dir_all(&dir).expect("the temporary folder is writable");
        for program in ["initdb", "postgres"] {
            fs::write(dir.join(program), "").expect("the temporary folder is writable");
        }
        dir
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_major_version_is_read_from_what_postgres_prints() {
    assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
    assert_eq!(major_of("postgres (PostgreSQL) 18beta1\n"), Some(18));
    assert_eq!(major_of("something else 3"), None);
    assert_eq!(major_of(""), None);
}

#[test]
fn the_version_that_made_the_data_wins() {
    let data = Path::new("/data");
    assert_eq!(choose(&installed(&[17, 16, 15]), Some((15, data))).map(|found| found.major).ok(), Some(15));
    assert_eq!(choose(&installed(&[16, 17]), None).map(|found| found.major).ok(), Some(16));
}

#[test]
fn a_major_upgrade_is_refused_with_instructions() {
    let refusal = choose(&installed(&[17, 16, 17]), Some((14, Path::new("/data")))).expect_err("14 is not installed");
    let text = refusal.to_string();
    assert!(text.contains("made by PostgreSQL 14") && text.contains("only version 16, 17") && text.contains("pg_upgrade"), "{text}");
}

#[test]
fn no_programs_and_old_programs_are_refused_with_the_way_out() {
    let refusal = choose(&[], None).expect_err("nothing is installed");
    let text = refusal.to_string();
    assert!(text.contains("DATABASE_URL") && text.contains("docker compose") && !text.contains('\n'), "{text}");
    assert!(matches!(choose(&installed(&[9]), None), Err(Error::TooOld { found: 9, .. })));
}

#[test]
fn distribution_folders_are_listed_highest_first() {
    let folder = Folder::new("order");
    for dir in ["usr/lib/postgresql/9/bin", "usr/lib/postgresql/15/bin", "usr/lib/postgresql/17/bin", "usr/pgsql-16/bin"] {
        folder.holding(dir);
    }
    fs::create_dir_all(folder.0.join("usr/lib/postgresql/18/lib")).expect("the temporary folder is writable");
    let places = Where { configured: None, search_path: "".into(), root: folder.0.clone() };
    // Empty files have distinct names but `candidates` compares real paths, so all four stay.
    let found: Vec<String> =
        candidates(&places).iter().map(|dir| dir.strip_prefix(&folder.0).expect("below the folder").display().to_string()).collect();
    assert_eq!(found, ["usr/lib/postgresql/17/bin", "usr/lib/postgresql/15/bin", "usr/lib/postgresql/9/bin", "usr/pgsql-16/bin"]);
}

#[test]
fn path_comes_before_distribution_folders_and_a_configured_folder_stands_alone() {
    let folder = Folder::new("path");
    let distribution = folder.holding("usr/lib/postgresql/15/bin");
    let own = folder.holding("own/bin");
    let mut places = Where { configured: None, search_path: own.clone().into(), root: folder.0.clone() };
    assert_eq!(candidates(&places), [own.clone(), distribution]);
    places.configured = Some(&own);
    assert_eq!(candidates(&places), [own]);
}

#[test]
fn names_of_homebrew_and_alpine_are_understood() {
    let folder = Folder::new("brew");
    folder.holding("opt/postgresql@16/bin");
    folder.holding("opt/postgresql17/bin");
    folder.holding("opt/postgresql-client/bin");
    let found = versions(&folder.0.join("opt"), "");
    assert_eq!(found, [folder.0.join("opt/postgresql17/bin"), folder.0.join("opt/postgresql@16/bin")]);
}
