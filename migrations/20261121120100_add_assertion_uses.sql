-- Assertions that may be used once and were: a second use anywhere meets the row of the first one.
-- Why a table and not memory: the two uses of a replay arrive at two servers, or at one that was started again between them.
-- No foreign key: rows live for minutes, their client was just read, and the check would lock the client's row on the hot path.
CREATE TABLE assertion_uses (
    client_id  uuid        NOT NULL,
    -- SHA-256 of the assertion's id, or of the signed text where it has none.
    digest     bytea       NOT NULL CONSTRAINT assertion_uses_digest_length CHECK (octet_length(digest) = 32),
    -- The request that used it, so that a statement repeated after a lost answer does not meet itself.
    use_id     uuid        NOT NULL,
    -- The assertion's `exp`: from here on it is refused for that.
    expires_at timestamptz NOT NULL,
    CONSTRAINT assertion_uses_pkey PRIMARY KEY (client_id, digest)
);
CREATE INDEX assertion_uses_expires_idx ON assertion_uses (expires_at);

-- The subject of an opaque access token that is neither a user's nor the client's own: a technical account's.
ALTER TABLE access_tokens ADD COLUMN subject text;
