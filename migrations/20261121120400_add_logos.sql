-- Logos of apps. Why in the database: both servers must show the same picture at once, and it goes when the app goes.
-- Only what we drew ourselves is kept: a PNG of at most 256 by 256, re-encoded from what was sent. Its digest is its address,
-- so that browsers may keep it for ever, and stands in the client's row, which is what pages read.

CREATE TABLE client_logos (
    client_id  uuid        NOT NULL CONSTRAINT client_logos_pkey PRIMARY KEY,
    org_id     uuid        NOT NULL,
    digest     text        NOT NULL CONSTRAINT client_logos_digest_shape CHECK (digest ~ '^[0-9a-f]{64}$'),
    png        bytea       NOT NULL CONSTRAINT client_logos_png_small CHECK (octet_length(png) BETWEEN 1 AND 524288),
    created_at timestamptz NOT NULL,
    CONSTRAINT client_logos_client_fkey FOREIGN KEY (client_id, org_id) REFERENCES clients (id, org_id)
);
CREATE INDEX client_logos_digest_idx ON client_logos (digest);

ALTER TABLE clients ADD COLUMN logo_digest text CONSTRAINT clients_logo_digest_shape CHECK (logo_digest ~ '^[0-9a-f]{64}$');

-- What the list of apps is ordered by, as text that compares like the thing itself; never used stands before every use.
CREATE FUNCTION client_sort_key(client clients, sort text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE sort
        WHEN 'name' THEN lower(client.name)
        WHEN 'used' THEN coalesce(to_char(client.last_used_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'), '')
        ELSE to_char(client.created_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')
    END
$$;

-- Deleted apps are purged once they can no longer be restored.
CREATE INDEX clients_deleted_idx ON clients (deleted_at) WHERE deleted_at IS NOT NULL;
