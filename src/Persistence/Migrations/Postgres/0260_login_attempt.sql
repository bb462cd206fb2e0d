-- Attempts to log in to an account since the last one that succeeded, for all nodes.
CREATE TABLE login_attempt (
    login_key text   NOT NULL PRIMARY KEY,
    attempts  bigint NOT NULL,
    last_at   bigint NOT NULL,
    next_at   bigint NOT NULL
);
CREATE INDEX login_attempt_last_at ON login_attempt (last_at);

-- Rotated tokens are deleted long before they expire.
CREATE INDEX refresh_token_rotated_at ON refresh_token (rotated_at) WHERE rotated_at IS NOT NULL;
