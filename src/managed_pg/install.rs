//! The line that installs a Postgres server on this distribution.

use std::fs;

/// The install command for the machine we run on.
pub(super) fn line() -> String {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@17".to_owned();
    }
    let release = fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release")).unwrap_or_default();
    line_for(&release).to_owned()
}

/// The install command for an os-release file (`ID` first, then each word of `ID_LIKE`; man 5 os-release).
fn line_for(release: &str) -> &'static str {
    let field = |key: &str| {
        release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(|value| value.trim_matches(['"', '\'']).to_owned())
    };
    let names = [field("ID"), field("ID_LIKE")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    names
        .split_whitespace()
        .find_map(known)
        .unwrap_or("your package manager (the package is mostly called postgresql or postgresql-server)")
}

fn known(distribution: &str) -> Option<&'static str> {
    Some(match distribution {
        "debian" | "ubuntu" | "linuxmint" | "raspbian" | "pop" => "sudo apt-get install -y postgresql",
        "fedora" | "rhel" | "centos" | "rocky" | "almalinux" | "ol" | "amzn" => "sudo dnf install -y postgresql-server",
        "alpine" => "apk add postgresql",
        "arch" | "manjaro" => "sudo pacman -S postgresql",
        "opensuse" | "suse" | "sles" | "opensuse-leap" | "opensuse-tumbleweed" => "sudo zypper install -y postgresql-server",
        "gentoo" => "sudo emerge dev-db/postgresql",
        "void" => "sudo xbps-install postgresql",
        "nixos" => "nix-shell -p postgresql",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
