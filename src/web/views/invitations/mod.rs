//! `/invitations/{link}`: what somebody who was invited sees.

pub mod accept;
