//! Tests of crypto::keyring.
