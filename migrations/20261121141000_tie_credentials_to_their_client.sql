-- A secret paired with a key, and the new credential of a migration, are of the same client, and so of the same org (I-10).
-- Both references named the credential alone; they now take the client along.
ALTER TABLE credentials ADD CONSTRAINT credentials_id_client_key UNIQUE (id, client_id);

ALTER TABLE credentials
    DROP CONSTRAINT credentials_paired_key_fkey,
    ADD CONSTRAINT credentials_paired_key_fkey FOREIGN KEY (paired_key_id, client_id) REFERENCES credentials (id, client_id);

ALTER TABLE credential_migrations
    DROP CONSTRAINT credential_migrations_credential_fkey,
    ADD CONSTRAINT credential_migrations_credential_fkey FOREIGN KEY (new_credential_id, client_id) REFERENCES credentials (id, client_id);
