//! The list of checks, and what became of each.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{StepResult, causes, checks, steps};
use crate::model::check::Check;
use crate::model::ids::{ClientKey, OrgId};
use crate::model::request_trace::{Endpoint, Fault, Outcome, RequestTrace};
use crate::wire::{AuthMethod, GrantType};

fn trace(endpoint: Endpoint, outcome: Outcome) -> RequestTrace {
    RequestTrace {
        client: ClientKey(Uuid::nil()),
        org: OrgId(Uuid::nil()),
        at: OffsetDateTime::UNIX_EPOCH,
        request_id: "r".to_owned(),
        endpoint,
        grant: Some(GrantType::AuthorizationCode),
        method: Some(AuthMethod::ClientSecretBasic),
        status: 400,
        outcome,
    }
}

fn refused(check: Check) -> Outcome {
    Outcome::Refused(Box::new(Fault { error: "invalid_grant".to_owned(), cause: "x".to_owned(), check, contrast: None }))
}

#[test]
fn what_comes_before_the_failed_check_passed_and_what_comes_after_was_not_reached() {
    for failed in checks(&trace(Endpoint::Token, Outcome::Answered)) {
        let told = steps(&trace(Endpoint::Token, refused(failed)));
        let at = told.iter().position(|step| step.result == StepResult::Failed).expect("one failed");
        assert_eq!(told[at].check, failed);
        assert!(told[..at].iter().all(|step| step.result == StepResult::Passed), "{failed:?}");
        assert!(told[at + 1..].iter().all(|step| step.result == StepResult::NotReached), "{failed:?}");
    }
}

#[test]
fn no_list_names_a_check_twice_and_a_seldom_one_is_added() {
    for endpoint in Endpoint::ALL {
        for grant in GrantType::ALL {
            for method in AuthMethod::ALL {
                let trace = RequestTrace { grant: Some(grant), method: Some(method), ..trace(endpoint, Outcome::Answered) };
                let list = checks(&trace);
                let mut seen = std::collections::HashSet::new();
                assert!(list.iter().all(|check| seen.insert(*check)), "{endpoint:?} {grant:?} {method:?}: {list:?}");
            }
        }
    }
    assert_eq!(checks(&trace(Endpoint::Revoke, refused(Check::Rule))).last(), Some(&Check::Rule));
}

#[test]
fn when_the_server_cannot_answer_nothing_is_said_of_the_other_checks() {
    let told = steps(&trace(Endpoint::Token, refused(Check::ServerWell)));
    assert!(
        told.iter().all(|step| step.result == if step.check == Check::ServerWell { StepResult::Failed } else { StepResult::NotReached })
    );
}

#[test]
fn a_request_that_waits_has_passed_all_but_what_the_person_decides() {
    let told = steps(&trace(Endpoint::Authorize, Outcome::Waiting));
    let waiting: Vec<_> = told.iter().filter(|step| step.result == StepResult::Waiting).map(|step| step.check).collect();
    assert_eq!(waiting, [Check::SignedIn, Check::Member, Check::Consented]);
}

#[test]
fn an_unknown_cause_is_a_rule_of_the_server() {
    assert_eq!(causes::check_of("something new"), Check::Rule);
    assert_eq!(causes::check_of("no live secret matches"), Check::Secret);
}
