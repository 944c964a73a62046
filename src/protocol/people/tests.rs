//! The matrix of roles, whole.

use crate::model::membership::Role;
use crate::protocol::people::{Denial, Subject, check_grants, check_removal, check_role};

fn subject(role: Role, owners: i64) -> Subject {
    Subject { role, enabled: true, owners }
}

#[test]
fn m5_nobody_touches_who_stands_above_nor_raises_anybody_above_themselves() {
    for rank in Role::ALL {
        for role in Role::ALL {
            assert_eq!(check_removal(rank, subject(role, 2)).is_ok(), role <= rank, "{rank:?} removes {role:?}");
            assert_eq!(check_grants(rank, role).is_ok(), role <= rank, "{rank:?} invites {role:?}");
            for wanted in Role::ALL {
                let may = role <= rank && wanted <= rank;
                assert_eq!(check_role(rank, subject(role, 2), wanted).is_ok(), may, "{rank:?} makes {role:?} {wanted:?}");
            }
        }
    }
}

#[test]
fn the_last_owner_who_can_sign_in_is_neither_removed_nor_demoted() {
    let last = subject(Role::Owner, 1);
    assert_eq!(check_removal(Role::Owner, last), Err(Denial::LastOwner));
    assert_eq!(check_role(Role::Owner, last, Role::Admin), Err(Denial::LastOwner));
    assert_eq!(check_role(Role::Owner, last, Role::Owner), Ok(()));
    assert_eq!(check_removal(Role::Owner, Subject { enabled: false, ..last }), Ok(()), "a disabled one keeps nothing");
}
