-- "Try this app" takes each of its own authorization requests back once: the answer that comes a second time (a reload, another
-- tab) must not redeem again, which would look like a stolen code. `try_out` marks these requests; this tells which are over.
ALTER TABLE authorization_requests ADD COLUMN tried_at timestamptz;
ALTER TABLE authorization_requests ADD CONSTRAINT authorization_requests_tried_is_a_try CHECK (tried_at IS NULL OR try_out);
