-- What a user is told of, on all devices.
CREATE TABLE user_setting (
    user_id     text   COLLATE "C" NOT NULL PRIMARY KEY,
    notify      bigint NOT NULL, -- 1 all, 2 mentions, 3 nothing
    quiet_until bigint NOT NULL, -- milliseconds since 1970; 0 for not now
    quiet_hours text   NOT NULL  -- JSON, '' for none
);

-- The key pair by which push services know this installation (VAPID). One row.
CREATE TABLE push_key (
    id          bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    public_key  text   NOT NULL,
    private_key text   NOT NULL
);

-- Browsers that want to be told although no page is open.
CREATE TABLE push_subscription (
    id         text   COLLATE "C" NOT NULL PRIMARY KEY,
    user_id    text   COLLATE "C" NOT NULL,
    session_id text   COLLATE "C" NOT NULL, -- it ends with the session
    endpoint   text   COLLATE "C" NOT NULL UNIQUE,
    p256dh     text   NOT NULL,
    auth       text   NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX push_subscription_user_id ON push_subscription (user_id);

-- Until when a user is taken to look at some device. Only of users with a subscription.
CREATE TABLE user_activity (
    user_id text   COLLATE "C" NOT NULL PRIMARY KEY,
    until   bigint NOT NULL
) WITH (fillfactor = 80);
