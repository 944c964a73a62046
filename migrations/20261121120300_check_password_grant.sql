-- The password grant is for apps that keep a secret (R76): the database refuses it for single-page apps, whoever writes.
ALTER TABLE clients ADD CONSTRAINT clients_spa_has_no_password_grant CHECK (kind <> 'spa' OR NOT allow_password_grant);
