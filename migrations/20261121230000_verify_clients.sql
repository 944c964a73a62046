-- The operator's mark on an app: they looked at its name, logo, links and the sites it sends people to. Why in the app's row: every
-- page that shows the mark reads that row, and the change that makes the mark untrue takes it in the same transaction.
-- Why two columns: an org whose app lost the mark by a change is told so until the operator decides anew.

ALTER TABLE clients
    ADD COLUMN verified_at            timestamptz,
    ADD COLUMN verification_lapsed_at timestamptz,
    ADD CONSTRAINT clients_verification_is_one CHECK (num_nonnulls(verified_at, verification_lapsed_at) <= 1);
