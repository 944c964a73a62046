-- What each app's last requests came to, so that the people who own the app can see which check failed. Lossy on purpose: written
-- in batches off the hot path, at most about 150 rows an app (the newest hundred, and of the refused ones the newest fifty).
-- Nothing secret is ever written: no code, token, secret, verifier, assertion or password, whatever field it was sent in.
CREATE TABLE request_traces (
    client_id  uuid        NOT NULL,
    org_id     uuid        NOT NULL,
    at         timestamptz NOT NULL,
    -- The reference id that the client was answered with.
    request_id text        NOT NULL CONSTRAINT request_traces_request_id_shape CHECK (char_length(request_id) BETWEEN 1 AND 64),
    endpoint   text        NOT NULL,
    grant_type text,
    -- How the client authenticated, or tried to.
    method     text,
    status     smallint    NOT NULL,
    outcome    text        NOT NULL CONSTRAINT request_traces_outcome_known CHECK (outcome IN ('answered', 'waiting', 'refused')),
    error      text,
    cause      text,
    -- The check that failed.
    failed     text,
    expected   text,
    came       text,
    CONSTRAINT request_traces_pkey PRIMARY KEY (client_id, at, request_id),
    CONSTRAINT request_traces_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id) ON DELETE CASCADE,
    CONSTRAINT request_traces_refused_says_why CHECK ((outcome = 'refused') = (error IS NOT NULL) AND (error IS NULL) = (cause IS NULL))
);
CREATE INDEX request_traces_at_idx ON request_traces (at);

-- A request that the pages' own "try this app" began: its answer goes to Grantor's own callback and to no registered address.
ALTER TABLE authorization_requests ADD COLUMN try_out boolean NOT NULL DEFAULT false;
