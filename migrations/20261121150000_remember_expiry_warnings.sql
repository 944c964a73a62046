-- Admins are told by mail when a secret or a key will soon stop working. A row says that they were: one for each end of a credential
-- and each warning, so that of many servers one sends it, and an end that is moved is warned of anew.
CREATE TABLE expiry_warnings (
    credential_id uuid        NOT NULL CONSTRAINT expiry_warnings_credential_fkey REFERENCES credentials (id) ON DELETE CASCADE,
    ends_at       timestamptz NOT NULL,
    days          integer     NOT NULL,
    warned_at     timestamptz NOT NULL,
    CONSTRAINT expiry_warnings_pkey PRIMARY KEY (credential_id, ends_at, days)
);

-- Looked at every hour, whatever their number.
CREATE INDEX credentials_ends_idx ON credentials (least(expires_at, certificate_not_after))
    WHERE deleted_at IS NULL AND revoked_at IS NULL AND least(expires_at, certificate_not_after) IS NOT NULL;
