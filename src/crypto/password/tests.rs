//! Tests of crypto::password.
