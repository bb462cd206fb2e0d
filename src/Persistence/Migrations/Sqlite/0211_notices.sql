-- What a user is told of, on all devices.
CREATE TABLE user_setting (
    user_id     TEXT NOT NULL PRIMARY KEY,
    notify      INTEGER NOT NULL, -- 1 all, 2 mentions, 3 nothing
    quiet_until INTEGER NOT NULL, -- milliseconds since 1970; 0 for not now
    quiet_hours TEXT NOT NULL     -- JSON, '' for none
) STRICT;

-- The key pair by which push services know this installation (VAPID). One row.
CREATE TABLE push_key (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    public_key  TEXT NOT NULL,
    private_key TEXT NOT NULL
) STRICT;

-- Browsers that want to be told although no page is open.
CREATE TABLE push_subscription (
    id         TEXT NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL,
    session_id TEXT NOT NULL, -- it ends with the session
    endpoint   TEXT NOT NULL UNIQUE,
    p256dh     TEXT NOT NULL,
    auth       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX push_subscription_user_id ON push_subscription (user_id);

-- Until when a user is taken to look at some device. Only of users with a subscription.
CREATE TABLE user_activity (
    user_id TEXT NOT NULL PRIMARY KEY,
    until   INTEGER NOT NULL
) STRICT;
