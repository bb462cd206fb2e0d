-- Times are milliseconds since 1970-01-01 UTC, so that both databases store and compare them alike.

CREATE TABLE account (
    id            TEXT   NOT NULL PRIMARY KEY,
    username      TEXT   NOT NULL,
    username_key  TEXT   NOT NULL CONSTRAINT account_username_key_unique UNIQUE,
    email         TEXT   NOT NULL,
    email_key     TEXT   NOT NULL CONSTRAINT account_email_key_unique UNIQUE,
    display_name  TEXT   NOT NULL,
    locale        TEXT   NULL,
    password_hash TEXT   NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    device        TEXT   NULL,
    created_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    ended_at      INTEGER NULL,
    ended_because TEXT   NULL
) STRICT;
CREATE INDEX session_account_id ON session (account_id);
CREATE INDEX session_expires_at ON session (expires_at);

-- Only the SHA-256 of a token is kept. A rotated token stays until its expiry: seeing it again is how theft shows.
CREATE TABLE refresh_token (
    hash       BLOB   NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    rotated_at INTEGER NULL
) STRICT;
CREATE INDEX refresh_token_session_id ON refresh_token (session_id);
CREATE INDEX refresh_token_expires_at ON refresh_token (expires_at);
