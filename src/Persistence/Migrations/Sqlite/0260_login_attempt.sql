-- Attempts to log in to an account since the last one that succeeded, for all nodes.
CREATE TABLE login_attempt (
    login_key TEXT NOT NULL PRIMARY KEY,
    attempts  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    next_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX login_attempt_last_at ON login_attempt (last_at);

-- Rotated tokens are deleted long before they expire.
CREATE INDEX refresh_token_rotated_at ON refresh_token (rotated_at) WHERE rotated_at IS NOT NULL;
