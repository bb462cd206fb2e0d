-- Times are milliseconds since 1970-01-01 UTC, so that both databases store and compare them alike.

CREATE TABLE account (
    id            text   NOT NULL PRIMARY KEY,
    username      text   NOT NULL,
    username_key  text   NOT NULL CONSTRAINT account_username_key_unique UNIQUE,
    email         text   NOT NULL,
    email_key     text   NOT NULL CONSTRAINT account_email_key_unique UNIQUE,
    display_name  text   NOT NULL,
    locale        text   NULL,
    password_hash text   NOT NULL,
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL
);

CREATE TABLE session (
    id            text   NOT NULL PRIMARY KEY,
    account_id    text   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    device        text   NULL,
    created_at    bigint NOT NULL,
    used_at       bigint NOT NULL,
    expires_at    bigint NOT NULL,
    ended_at      bigint NULL,
    ended_because text   NULL
);
CREATE INDEX session_account_id ON session (account_id);
CREATE INDEX session_expires_at ON session (expires_at);

-- Only the SHA-256 of a token is kept. A rotated token stays until its expiry: seeing it again is how theft shows.
CREATE TABLE refresh_token (
    hash       bytea  NOT NULL PRIMARY KEY,
    session_id text   NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    rotated_at bigint NULL
);
CREATE INDEX refresh_token_session_id ON refresh_token (session_id);
CREATE INDEX refresh_token_expires_at ON refresh_token (expires_at);
