-- Invitations, mail that waits to be sent, who disabled a person, and indexes for the audit trail's filters.
-- Why mail lies in a table: it is written in the transaction of what it tells of, so nothing is mailed that did not happen, and
-- nothing that happened goes untold because a mail server was away for a minute.

CREATE TABLE invitations (
    id           uuid        NOT NULL CONSTRAINT invitations_pkey PRIMARY KEY,
    org_id       uuid        NOT NULL CONSTRAINT invitations_org_fkey REFERENCES orgs (id),
    -- Lower-cased and NFC by the model, as in users.
    email        text        NOT NULL CONSTRAINT invitations_email_shape CHECK (char_length(email) BETWEEN 3 AND 254),
    role         text        NOT NULL CONSTRAINT invitations_role_known CHECK (role IN ('owner', 'admin', 'developer', 'member')),
    -- SHA-256 of the link's secret; a new link replaces it.
    token_digest bytea       NOT NULL CONSTRAINT invitations_token_key UNIQUE
                             CONSTRAINT invitations_digest_shape CHECK (octet_length(token_digest) = 32),
    invited_by   uuid        CONSTRAINT invitations_invited_by_fkey REFERENCES users (id),
    created_at   timestamptz NOT NULL,
    sent_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_at  timestamptz,
    accepted_by  uuid        CONSTRAINT invitations_accepted_by_fkey REFERENCES users (id),
    revoked_at   timestamptz,
    CONSTRAINT invitations_one_end CHECK (accepted_at IS NULL OR revoked_at IS NULL),
    CONSTRAINT invitations_accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
-- One open invitation for an address in an org, whoever invites at the same time.
CREATE UNIQUE INDEX invitations_open_key ON invitations (org_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE mails (
    id           uuid        NOT NULL CONSTRAINT mails_pkey PRIMARY KEY,
    -- The whole message, sealed with a key derived from the root key: it may hold a one-time link.
    sealed       bytea       NOT NULL,
    kind         text        NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Not before this instant; moves on with each failure.
    due_at       timestamptz NOT NULL,
    -- Worth nothing afterwards, such as a link that has expired.
    expires_at   timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX mails_due_idx ON mails (due_at);

-- Which org disabled the person, if it was not the operator: only the same org enables them again.
ALTER TABLE users ADD COLUMN disabled_by_org uuid CONSTRAINT users_disabled_by_org_fkey REFERENCES orgs (id);

-- The trail of one app or one person, newest first.
CREATE INDEX audit_events_target_idx ON audit_events (org_id, target_id, id DESC);
CREATE INDEX audit_events_actor_idx ON audit_events (org_id, actor_id, id DESC);
CREATE INDEX audit_events_action_idx ON audit_events (org_id, action, id DESC);
