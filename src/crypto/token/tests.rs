//! Tests of crypto::token.
