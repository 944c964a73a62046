//! The install line of each distribution.

use crate::managed_pg::install::line_for;

#[test]
fn each_family_of_distributions_gets_its_own_line() {
    for (release, expected) in [
        ("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n", "sudo apt-get install -y postgresql"),
        ("ID=zorin\nID_LIKE=\"ubuntu debian\"\n", "sudo apt-get install -y postgresql"),
        ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "sudo dnf install -y postgresql-server"),
        ("ID=alpine\n", "apk add postgresql"),
        ("ID='opensuse-leap'\nID_LIKE='suse opensuse'\n", "sudo zypper install -y postgresql-server"),
    ] {
        assert_eq!(line_for(release), expected, "{release}");
    }
    assert!(line_for("ID=plan9\n").contains("package manager"));
    assert!(line_for("").contains("package manager"));
}
