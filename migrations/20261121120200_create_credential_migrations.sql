-- Moving an app from keys to secrets, or back, while both work. The row is the whole move: who may end it is decided by a
-- guarded UPDATE on `state`, so that of a cancel and a completion at one time, on whatever servers, exactly one wins.

CREATE TABLE credential_migrations (
    id                uuid        NOT NULL CONSTRAINT credential_migrations_pkey PRIMARY KEY,
    org_id            uuid        NOT NULL,
    client_id         uuid        NOT NULL,
    direction         text        NOT NULL CONSTRAINT credential_migrations_direction_known CHECK (direction IN ('key_to_secret', 'secret_to_key')),
    state             text        NOT NULL CONSTRAINT credential_migrations_state_known CHECK (state IN ('running', 'cancelled', 'completed')),
    new_credential_id uuid        NOT NULL CONSTRAINT credential_migrations_credential_fkey REFERENCES credentials (id),
    started_at        timestamptz NOT NULL,
    finished_at       timestamptz,
    -- Until then the old credentials are refused, to find out who still uses them. It ends by the clock, without a job.
    brown_out_until   timestamptz,
    CONSTRAINT credential_migrations_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id),
    CONSTRAINT credential_migrations_end_has_date CHECK ((state = 'running') = (finished_at IS NULL))
);
-- One at a time, and none after a completed one: there is no way back.
CREATE UNIQUE INDEX credential_migrations_one_key ON credential_migrations (client_id) WHERE state <> 'cancelled';

-- The last token, apart from the last use: revoking and introspecting are uses too, and say nothing about who still gets tokens.
ALTER TABLE credentials ADD COLUMN last_token_at timestamptz;
UPDATE credentials SET last_token_at = last_used_at WHERE last_used_grant IS NOT NULL;
