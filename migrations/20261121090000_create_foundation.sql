-- The foundation: tenants, people, apps with their credentials, the life of an authorization, sessions, keys, audit.
-- Why the constraints live here: two servers and a script may write at once, so the database is the only place where
-- "ten apps", "one successor" and "no row of another org" can be made impossible to break.

CREATE TABLE orgs (
    id          uuid        NOT NULL CONSTRAINT orgs_pkey PRIMARY KEY,
    slug        text        NOT NULL CONSTRAINT orgs_slug_key UNIQUE
                            CONSTRAINT orgs_slug_shape CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name        text        NOT NULL CONSTRAINT orgs_name_shape CHECK (char_length(name) BETWEEN 1 AND 200),
    app_limit   integer     NOT NULL CONSTRAINT orgs_app_limit_range CHECK (app_limit BETWEEN 0 AND 10000),
    created_at  timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE users (
    id                  uuid        NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    -- Lower-cased and NFC by the model; the unique key is therefore case-insensitive.
    email               text        NOT NULL CONSTRAINT users_email_key UNIQUE
                                    CONSTRAINT users_email_shape CHECK (char_length(email) BETWEEN 3 AND 254),
    name                text        NOT NULL CONSTRAINT users_name_shape CHECK (char_length(name) BETWEEN 1 AND 200),
    password_hash       text,
    password_changed_at timestamptz,
    created_at          timestamptz NOT NULL,
    disabled_at         timestamptz
);

CREATE TABLE memberships (
    org_id     uuid        NOT NULL CONSTRAINT memberships_org_fkey REFERENCES orgs (id),
    user_id    uuid        NOT NULL CONSTRAINT memberships_user_fkey REFERENCES users (id),
    role       text        NOT NULL CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'admin', 'developer', 'member')),
    created_at timestamptz NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (org_id, user_id)
);
CREATE INDEX memberships_user_idx ON memberships (user_id);

CREATE TABLE clients (
    id                               uuid        NOT NULL CONSTRAINT clients_pkey PRIMARY KEY,
    org_id                           uuid        NOT NULL CONSTRAINT clients_org_fkey REFERENCES orgs (id),
    client_id                        text        NOT NULL CONSTRAINT clients_client_id_key UNIQUE
                                                 CONSTRAINT clients_client_id_shape CHECK (client_id ~ '^[A-Za-z0-9_-]{8,64}$'),
    kind                             text        NOT NULL CONSTRAINT clients_kind_known CHECK (kind IN ('web', 'spa', 'm2m')),
    name                             text        NOT NULL CONSTRAINT clients_name_shape CHECK (char_length(name) BETWEEN 1 AND 100),
    description                      text        NOT NULL DEFAULT '' CONSTRAINT clients_description_shape CHECK (char_length(description) <= 1000),
    redirect_uris                    text[]      NOT NULL DEFAULT '{}' CONSTRAINT clients_redirect_uris_count CHECK (cardinality(redirect_uris) <= 50),
    scopes                           text[]      NOT NULL DEFAULT '{}',
    require_pkce                     boolean     NOT NULL DEFAULT false,
    allow_localhost                  boolean     NOT NULL DEFAULT false,
    access_token_lifetime            integer     NOT NULL CONSTRAINT clients_access_token_lifetime_range CHECK (access_token_lifetime BETWEEN 300 AND 7776000),
    refresh_enabled                  boolean     NOT NULL,
    refresh_requires_offline_access  boolean     NOT NULL,
    refresh_rotation                 boolean     NOT NULL,
    refresh_retry_window             integer     NOT NULL CONSTRAINT clients_retry_window_known CHECK (refresh_retry_window IN (0, 10, 30, 60)),
    refresh_absolute_lifetime        bigint      CONSTRAINT clients_absolute_lifetime_positive CHECK (refresh_absolute_lifetime > 0),
    refresh_idle_lifetime            bigint      CONSTRAINT clients_idle_lifetime_positive CHECK (refresh_idle_lifetime > 0),
    allow_password_grant             boolean     NOT NULL DEFAULT false,
    compat                           jsonb       NOT NULL DEFAULT '{}',
    description_url                  text,
    privacy_policy_url               text,
    terms_of_service_url             text,
    developer_name                   text,
    developer_email                  text,
    -- A system app (the org's `manager`) is made by the operator and takes no slot.
    system                           boolean     NOT NULL DEFAULT false,
    -- The slot 1..app_limit that a living app occupies; the unique key makes an eleventh app impossible.
    slot                             integer,
    -- Optimistic locking (ETag).
    version                          integer     NOT NULL DEFAULT 1,
    -- Grows when what a user was shown on the consent page changes (name, redirect URIs, links): approvals are then asked again.
    identity_version                 integer     NOT NULL DEFAULT 1,
    created_at                       timestamptz NOT NULL,
    created_by                       uuid        CONSTRAINT clients_created_by_fkey REFERENCES users (id),
    updated_at                       timestamptz NOT NULL,
    last_used_at                     timestamptz,
    disabled_at                      timestamptz,
    deleted_at                       timestamptz,
    CONSTRAINT clients_id_org_key UNIQUE (id, org_id),
    CONSTRAINT clients_org_slot_key UNIQUE (org_id, slot),
    CONSTRAINT clients_slot_when_alive CHECK ((slot IS NULL) = (system OR deleted_at IS NOT NULL)),
    CONSTRAINT clients_spa_is_safe CHECK (kind <> 'spa' OR (require_pkce AND refresh_rotation)),
    CONSTRAINT clients_m2m_has_no_refresh CHECK (kind <> 'm2m' OR NOT refresh_enabled)
) WITH (fillfactor = 85);
CREATE INDEX clients_org_created_idx ON clients (org_id, created_at DESC, id);

-- The web origins of redirect URIs as a browser writes them: lower case, without a default port. A native app or a developer's
-- machine may use any port of a loopback host, so there the port is left out. Serves the CORS check of the token endpoint.
CREATE FUNCTION redirect_origins(uris text[]) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT regexp_replace(regexp_replace(regexp_replace(
               lower(substring(uri FROM '^([Hh][Tt][Tt][Pp][Ss]?://[^/?#]+)')),
               '^(http://(127[.]0[.]0[.]1|\[::1\]|localhost)):[0-9]+$', '\1'),
               '^(https://.*):443$', '\1'),
               '^(http://.*):80$', '\1')) FILTER (WHERE uri ~* '^https?://'), '{}')
    FROM unnest(uris) AS uri
$$;
CREATE INDEX clients_origins_idx ON clients USING gin (redirect_origins(redirect_uris));

-- The quota. The org's row is locked first, so the count that follows sees every app committed before; the slot's
-- unique key stands behind it should anybody ever write around this trigger.
CREATE FUNCTION clients_take_slot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed integer;
    used    integer;
BEGIN
    IF NEW.system OR NEW.deleted_at IS NOT NULL THEN
        NEW.slot := NULL;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.slot IS NOT NULL AND OLD.org_id = NEW.org_id THEN
        NEW.slot := OLD.slot;
        RETURN NEW;
    END IF;
    SELECT app_limit INTO allowed FROM orgs WHERE id = NEW.org_id FOR NO KEY UPDATE;
    SELECT count(*) INTO used FROM clients WHERE org_id = NEW.org_id AND slot IS NOT NULL;
    IF used >= allowed THEN
        RAISE EXCEPTION 'the org has % of % apps', used, allowed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clients_app_limit', TABLE = 'clients';
    END IF;
    SELECT min(free.slot) INTO NEW.slot FROM generate_series(1, used + 1) AS free(slot)
        WHERE NOT EXISTS (SELECT FROM clients taken WHERE taken.org_id = NEW.org_id AND taken.slot = free.slot);
    RETURN NEW;
END $$;
CREATE TRIGGER clients_slot BEFORE INSERT OR UPDATE OF slot, system, deleted_at, org_id ON clients
    FOR EACH ROW EXECUTE FUNCTION clients_take_slot();

CREATE TABLE credentials (
    id              uuid        NOT NULL CONSTRAINT credentials_pkey PRIMARY KEY,
    org_id          uuid        NOT NULL,
    client_id       uuid        NOT NULL,
    kind            text        NOT NULL CONSTRAINT credentials_kind_known CHECK (kind IN ('secret')),
    secret_digest   bytea       NOT NULL CONSTRAINT credentials_digest_shape CHECK (octet_length(secret_digest) = 32),
    hint            text        NOT NULL,
    note            text        NOT NULL DEFAULT '' CONSTRAINT credentials_note_shape CHECK (char_length(note) <= 64),
    created_at      timestamptz NOT NULL,
    created_by      uuid        CONSTRAINT credentials_created_by_fkey REFERENCES users (id),
    expires_at      timestamptz,
    last_used_at    timestamptz,
    last_used_grant text,
    deleted_at      timestamptz,
    -- Access tokens issued with this credential are dead at introspection when this is set ("revoke tokens issued with this secret").
    tokens_revoked_at timestamptz,
    CONSTRAINT credentials_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id)
) WITH (fillfactor = 85);
CREATE INDEX credentials_client_idx ON credentials (client_id);

CREATE TABLE browser_sessions (
    id                  uuid        NOT NULL CONSTRAINT browser_sessions_pkey PRIMARY KEY,
    user_id             uuid        NOT NULL CONSTRAINT browser_sessions_user_fkey REFERENCES users (id),
    token_digest        bytea       NOT NULL CONSTRAINT browser_sessions_token_key UNIQUE,
    created_at          timestamptz NOT NULL,
    authenticated_at    timestamptz NOT NULL,
    last_seen_at        timestamptz NOT NULL,
    idle_expires_at     timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    ended_at            timestamptz,
    user_agent          text        NOT NULL DEFAULT '',
    ip                  inet
) WITH (fillfactor = 85);
CREATE INDEX browser_sessions_user_idx ON browser_sessions (user_id);
CREATE INDEX browser_sessions_absolute_idx ON browser_sessions (absolute_expires_at);

CREATE TABLE authorization_requests (
    id             uuid        NOT NULL CONSTRAINT authorization_requests_pkey PRIMARY KEY,
    org_id         uuid        NOT NULL,
    client_id      uuid        NOT NULL,
    -- SHA-256 of the browser cookie: only the browser that started the request may see or finish it.
    browser_digest bytea       NOT NULL,
    redirect_uri   text        NOT NULL,
    state          text,
    scopes         text[]      NOT NULL,
    api            text        NOT NULL,
    offline        boolean     NOT NULL,
    code_challenge text,
    nonce          text,
    prompt         text[]      NOT NULL DEFAULT '{}',
    max_age        integer,
    login_hint     text,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    stage          text        NOT NULL CONSTRAINT authorization_requests_stage_known CHECK (stage IN ('pending', 'approved', 'denied')),
    finished_at    timestamptz,
    CONSTRAINT authorization_requests_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id),
    CONSTRAINT authorization_requests_stage_dates CHECK ((stage = 'pending') = (finished_at IS NULL))
);
CREATE INDEX authorization_requests_browser_idx ON authorization_requests (browser_digest, created_at);
CREATE INDEX authorization_requests_expires_idx ON authorization_requests (expires_at);

-- The instant so many seconds after another; null when either is null, and for a thousand years or more, which is never.
CREATE FUNCTION seconds_after(at timestamptz, seconds bigint) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN seconds < 31536000000 THEN at + seconds * interval '1 second' END
$$;

-- One row is the whole life of an authorization; its id is the token family. No index names a column that a rotation
-- changes (generation, rotated_at, last_used_at, idle_expires_at), so every rotation is a heap-only update.
CREATE TABLE authorizations (
    id                  uuid        NOT NULL CONSTRAINT authorizations_pkey PRIMARY KEY,
    org_id              uuid        NOT NULL,
    client_id           uuid        NOT NULL,
    user_id             uuid        NOT NULL CONSTRAINT authorizations_user_fkey REFERENCES users (id),
    generation          integer     NOT NULL DEFAULT 0,
    -- Whether a refresh token goes with it.
    offline             boolean     NOT NULL,
    scopes              text[]      NOT NULL,
    api                 text        NOT NULL,
    auth_time           timestamptz NOT NULL,
    created_at          timestamptz NOT NULL,
    redeemed_at         timestamptz,
    rotated_at          timestamptz,
    last_used_at        timestamptz,
    idle_expires_at     timestamptz,
    absolute_expires_at timestamptz,
    ended_at            timestamptz,
    end_cause           text,
    redirect_uri        text,
    code_challenge      text,
    code_expires_at     timestamptz NOT NULL,
    nonce               text,
    CONSTRAINT authorizations_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id),
    CONSTRAINT authorizations_end_has_cause CHECK ((ended_at IS NULL) = (end_cause IS NULL)),
    CONSTRAINT authorizations_generation_moves_on CHECK (generation >= 0 AND (generation = 0) = (redeemed_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX authorizations_user_client_idx ON authorizations (user_id, client_id);
CREATE INDEX authorizations_client_idx ON authorizations (client_id);
CREATE INDEX authorizations_absolute_idx ON authorizations (absolute_expires_at);
CREATE INDEX authorizations_ended_idx ON authorizations (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX authorizations_unredeemed_idx ON authorizations (code_expires_at) WHERE redeemed_at IS NULL;

CREATE TABLE consents (
    org_id           uuid        NOT NULL,
    client_id        uuid        NOT NULL,
    user_id          uuid        NOT NULL CONSTRAINT consents_user_fkey REFERENCES users (id),
    scopes           text[]      NOT NULL,
    identity_version integer     NOT NULL,
    granted_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (user_id, client_id),
    CONSTRAINT consents_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id)
);
CREATE INDEX consents_client_idx ON consents (client_id);

-- Opaque access tokens, for APIs that ask for them.
CREATE TABLE access_tokens (
    token_digest     bytea       NOT NULL CONSTRAINT access_tokens_pkey PRIMARY KEY,
    id               uuid        NOT NULL,
    org_id           uuid        NOT NULL,
    client_id        uuid        NOT NULL,
    user_id          uuid,
    authorization_id uuid,
    credential_id    uuid,
    scopes           text[]      NOT NULL,
    api              text        NOT NULL,
    auth_time        timestamptz,
    issued_at        timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    CONSTRAINT access_tokens_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id)
);
CREATE INDEX access_tokens_expires_idx ON access_tokens (expires_at);

-- Ids of JWT access tokens that were revoked one by one, kept until they would have expired; a partition a day, dropped whole.
CREATE TABLE revoked_access_tokens (
    jti        uuid        NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT revoked_access_tokens_pkey PRIMARY KEY (jti, expires_at)
) PARTITION BY RANGE (expires_at);

CREATE FUNCTION revoke_access_token(revoked_jti uuid, token_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day       date := (token_expires_at AT TIME ZONE 'UTC')::date;
    partition text := 'revoked_access_tokens_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(partition) IS NULL THEN
        -- Two servers may want the same day at once; the second one finds it made.
        PERFORM pg_advisory_xact_lock(hashtext('revoked_access_tokens'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF revoked_access_tokens FOR VALUES FROM (%L) TO (%L)',
            partition, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    END IF;
    INSERT INTO revoked_access_tokens (jti, expires_at) VALUES (revoked_jti, token_expires_at) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION drop_expired_revocations(at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    partition record;
    dropped   integer := 0;
BEGIN
    FOR partition IN
        SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'revoked_access_tokens'::regclass
          AND to_date(right(child.relname, 8), 'YYYYMMDD') < (at AT TIME ZONE 'UTC')::date
    LOOP
        EXECUTE format('DROP TABLE %I', partition.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

CREATE TABLE signing_keys (
    kid            text        NOT NULL CONSTRAINT signing_keys_pkey PRIMARY KEY,
    algorithm      text        NOT NULL CONSTRAINT signing_keys_algorithm_known CHECK (algorithm IN ('ES256', 'RS256', 'EdDSA')),
    -- PKCS#8, sealed with a key derived from the root key.
    private_sealed bytea       NOT NULL,
    public_jwk     jsonb       NOT NULL,
    created_at     timestamptz NOT NULL,
    -- Published from creation on, signs from here on (never before every verifier could have fetched it).
    active_at      timestamptz NOT NULL,
    -- Signs no more from here on, yet stays published until the last token it signed has expired.
    retired_at     timestamptz,
    expires_at     timestamptz,
    CONSTRAINT signing_keys_retired_expires CHECK ((retired_at IS NULL) = (expires_at IS NULL))
);

CREATE TABLE throttles (
    -- What is counted: 'login:account:<digest>', 'login:ip:<prefix>'.
    key          text        NOT NULL CONSTRAINT throttles_pkey PRIMARY KEY,
    attempts     integer     NOT NULL,
    window_ends_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX throttles_window_idx ON throttles (window_ends_at);

CREATE TABLE password_links (
    id           uuid        NOT NULL CONSTRAINT password_links_pkey PRIMARY KEY,
    user_id      uuid        NOT NULL CONSTRAINT password_links_user_fkey REFERENCES users (id),
    token_digest bytea       NOT NULL CONSTRAINT password_links_token_key UNIQUE,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE INDEX password_links_user_idx ON password_links (user_id);

CREATE TABLE idempotency_keys (
    org_id          uuid        NOT NULL CONSTRAINT idempotency_keys_org_fkey REFERENCES orgs (id),
    actor           text        NOT NULL,
    key             text        NOT NULL CONSTRAINT idempotency_keys_key_shape CHECK (char_length(key) BETWEEN 1 AND 255),
    request_digest  bytea       NOT NULL,
    -- The answer, sealed with a key derived from the root key: it may hold a client secret. Null while the first request runs.
    response_sealed bytea,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (org_id, actor, key)
);
CREATE INDEX idempotency_keys_expires_idx ON idempotency_keys (expires_at);

CREATE TABLE audit_events (
    id          uuid        NOT NULL CONSTRAINT audit_events_pkey PRIMARY KEY,
    org_id      uuid        CONSTRAINT audit_events_org_fkey REFERENCES orgs (id),
    at          timestamptz NOT NULL,
    actor_kind  text        NOT NULL CONSTRAINT audit_events_actor_known CHECK (actor_kind IN ('user', 'client', 'operator', 'server', 'anonymous')),
    actor_id    text,
    actor_label text        NOT NULL,
    action      text        NOT NULL,
    target_kind text        NOT NULL,
    target_id   text,
    ip          inet,
    request_id  text,
    detail      jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_events_org_idx ON audit_events (org_id, id DESC);

CREATE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_refuse_change();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_change();
