-- The last token that an app got with a key of its `jwks_uri`: such keys are no rows of `credentials`, and before a migration
-- away from keys is completed it must be known whether one is still in use.
ALTER TABLE client_jwks ADD COLUMN last_token_at timestamptz;

-- Until now nobody wrote it down: whatever the app got last may have been got so.
UPDATE client_jwks j SET last_token_at = c.last_used_at FROM clients c WHERE c.id = j.client_id AND c.jwks_uri IS NOT NULL;
