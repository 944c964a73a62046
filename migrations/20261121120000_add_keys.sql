-- Public keys beside secrets, technical accounts that they may belong to, key sets fetched from apps, and tokens for developers.
-- Why in `credentials`: a key and a secret are two ways to prove the same thing, with the same dates, the same last use and
-- the same mark in tokens; whoever asks "what may this app log in with" asks one table.

-- An account that an app acts as; the subject of tokens got with its credentials. A deleted one stays as their witness.
CREATE TABLE technical_accounts (
    id         uuid        NOT NULL CONSTRAINT technical_accounts_pkey PRIMARY KEY,
    org_id     uuid        NOT NULL,
    client_id  uuid        NOT NULL,
    subject    text        NOT NULL CONSTRAINT technical_accounts_subject_key UNIQUE
                           CONSTRAINT technical_accounts_subject_shape CHECK (char_length(subject) BETWEEN 3 AND 320),
    email      text        NOT NULL CONSTRAINT technical_accounts_email_shape CHECK (char_length(email) BETWEEN 3 AND 320),
    created_at timestamptz NOT NULL,
    created_by uuid        CONSTRAINT technical_accounts_created_by_fkey REFERENCES users (id),
    deleted_at timestamptz,
    CONSTRAINT technical_accounts_id_client_key UNIQUE (id, client_id),
    CONSTRAINT technical_accounts_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id)
);
CREATE INDEX technical_accounts_org_idx ON technical_accounts (org_id);
CREATE INDEX technical_accounts_client_idx ON technical_accounts (client_id);

ALTER TABLE credentials
    DROP CONSTRAINT credentials_kind_known,
    ALTER COLUMN secret_digest DROP NOT NULL,
    ALTER COLUMN hint DROP NOT NULL,
    ADD COLUMN technical_account_id  uuid,
    -- A secret that was made with a key for one service-credentials file, and ends with it.
    ADD COLUMN paired_key_id         uuid CONSTRAINT credentials_paired_key_fkey REFERENCES credentials (id),
    ADD COLUMN algorithm             text CONSTRAINT credentials_algorithm_known CHECK (algorithm IN ('RS256', 'ES256', 'ES384', 'EdDSA')),
    -- Public members only.
    ADD COLUMN public_jwk            jsonb,
    -- RFC 7638, base64url.
    ADD COLUMN thumbprint            text CONSTRAINT credentials_thumbprint_shape CHECK (char_length(thumbprint) = 43),
    ADD COLUMN key_bits              integer CONSTRAINT credentials_key_bits_range CHECK (key_bits BETWEEN 256 AND 16384),
    ADD COLUMN certificate           bytea CONSTRAINT credentials_certificate_shape CHECK (octet_length(certificate) BETWEEN 1 AND 65536),
    ADD COLUMN certificate_subject   text,
    ADD COLUMN certificate_not_before timestamptz,
    ADD COLUMN certificate_not_after timestamptz,
    -- The key that new service credentials use; one of a technical account.
    ADD COLUMN is_current            boolean NOT NULL DEFAULT false,
    -- Refused from here on, yet still listed: only a revoked or expired key may be deleted.
    ADD COLUMN revoked_at            timestamptz,
    ADD CONSTRAINT credentials_kind_known CHECK (kind IN ('secret', 'key')),
    ADD CONSTRAINT credentials_secret_is_whole CHECK ((kind = 'secret') = (secret_digest IS NOT NULL) AND (kind = 'secret') = (hint IS NOT NULL)),
    ADD CONSTRAINT credentials_key_is_whole CHECK ((kind = 'key') = (algorithm IS NOT NULL) AND (kind = 'key') = (public_jwk IS NOT NULL)
        AND (kind = 'key') = (thumbprint IS NOT NULL) AND (kind = 'key') = (key_bits IS NOT NULL)),
    ADD CONSTRAINT credentials_certificate_is_whole CHECK ((certificate IS NULL OR kind = 'key')
        AND (certificate IS NULL) = (certificate_subject IS NULL)
        AND (certificate IS NULL) = (certificate_not_before IS NULL) AND (certificate IS NULL) = (certificate_not_after IS NULL)),
    ADD CONSTRAINT credentials_only_keys_are_revoked CHECK (revoked_at IS NULL OR kind = 'key'),
    ADD CONSTRAINT credentials_current_is_a_key_in_force CHECK (NOT is_current
        OR (kind = 'key' AND technical_account_id IS NOT NULL AND revoked_at IS NULL AND deleted_at IS NULL)),
    ADD CONSTRAINT credentials_technical_account_fkey FOREIGN KEY (technical_account_id, client_id)
        REFERENCES technical_accounts (id, client_id);
CREATE UNIQUE INDEX credentials_thumbprint_key ON credentials (client_id, thumbprint) WHERE deleted_at IS NULL;
CREATE INDEX credentials_paired_key_idx ON credentials (paired_key_id) WHERE paired_key_id IS NOT NULL;
CREATE UNIQUE INDEX credentials_current_key ON credentials (technical_account_id) WHERE is_current;

-- Where an app publishes its keys, and the org's hidden app that tokens for developers are issued to.
ALTER TABLE clients
    ADD COLUMN jwks_uri    text CONSTRAINT clients_jwks_uri_shape CHECK (octet_length(jwks_uri) BETWEEN 8 AND 2048),
    ADD COLUMN development boolean NOT NULL DEFAULT false CONSTRAINT clients_development_is_system CHECK (NOT development OR system);
CREATE UNIQUE INDEX clients_development_key ON clients (org_id) WHERE development;

-- The last good key set of an app, shared by all servers; one of them fetches and the others read.
CREATE TABLE client_jwks (
    client_id    uuid        NOT NULL CONSTRAINT client_jwks_pkey PRIMARY KEY CONSTRAINT client_jwks_client_fkey REFERENCES clients (id),
    uri          text        NOT NULL,
    keys         jsonb       NOT NULL DEFAULT '[]',
    -- Null until a fetch succeeded.
    fetched_at   timestamptz,
    -- The last attempt began here; nobody tries again for a while.
    attempted_at timestamptz NOT NULL,
    -- Why the last attempt failed, for the app's page; null when it did not.
    problem      text
);
