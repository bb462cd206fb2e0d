-- Uploads and the files that they become. Times are milliseconds since 1970-01-01 UTC.

CREATE TABLE file (
    id            TEXT    NOT NULL PRIMARY KEY,
    room_id       TEXT    NOT NULL,
    owner_id      TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    declared_type TEXT    NOT NULL, -- what the uploader called it
    type          TEXT    NOT NULL, -- what its content is; '' while it is not complete
    size          INTEGER NOT NULL,
    received      INTEGER NOT NULL, -- bytes that are durable in the object store
    progress      TEXT    NULL,     -- what the object store needs for the next piece
    state         INTEGER NOT NULL, -- 0 uploading, 1 complete, 2 attached to a message, 3 to be removed
    processed     INTEGER NOT NULL, -- of an image: 0 not yet, 1 ready to be shown, 2 never will be
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL, -- when it may be removed, unless it is attached
    lease         TEXT    NULL,     -- the request that is writing
    lease_until   INTEGER NOT NULL,
    claimed_by    BLOB    NULL,     -- the client id of the message that is to carry it, or carries it
    message_n     INTEGER NULL,     -- the message that carries it
    width         INTEGER NULL,
    height        INTEGER NULL,
    placeholder   TEXT    NULL
) STRICT;
CREATE INDEX file_owner ON file (owner_id) WHERE state < 2;
CREATE INDEX file_expires ON file (expires_at) WHERE state <> 2;

-- What each user's files take, all states together: the quota's counter.
CREATE TABLE file_usage (
    user_id TEXT    NOT NULL PRIMARY KEY,
    bytes   INTEGER NOT NULL
) STRICT;

ALTER TABLE room_message ADD COLUMN files TEXT NOT NULL DEFAULT ''; -- the message's files as JSON; '' where it has none

-- One row: until when a node is collecting what nobody attached.
CREATE TABLE file_sweep (
    id          INTEGER NOT NULL PRIMARY KEY,
    lease_until INTEGER NOT NULL
) STRICT;
INSERT INTO file_sweep (id, lease_until) VALUES (1, 0);
