-- Uploads and the files that they become. Times are milliseconds since 1970-01-01 UTC.

CREATE TABLE file (
    id            text   COLLATE "C" NOT NULL PRIMARY KEY,
    room_id       text   COLLATE "C" NOT NULL,
    owner_id      text   COLLATE "C" NOT NULL,
    name          text    NOT NULL,
    declared_type text    NOT NULL, -- what the uploader called it
    type          text    NOT NULL, -- what its content is; '' while it is not complete
    size          bigint  NOT NULL,
    received      bigint  NOT NULL, -- bytes that are durable in the object store
    progress      text    NULL,     -- what the object store needs for the next piece
    state         bigint  NOT NULL, -- 0 uploading, 1 complete, 2 attached to a message, 3 to be removed
    processed     bigint  NOT NULL, -- of an image: 0 not yet, 1 ready to be shown, 2 never will be
    created_at    bigint  NOT NULL,
    expires_at    bigint  NOT NULL, -- when it may be removed, unless it is attached
    lease         text    NULL,     -- the request that is writing
    lease_until   bigint  NOT NULL,
    claimed_by    bytea   NULL,     -- the client id of the message that is to carry it, or carries it
    message_n     bigint  NULL,     -- the message that carries it
    width         bigint  NULL,
    height        bigint  NULL,
    placeholder   text    NULL
);
CREATE INDEX file_owner ON file (owner_id) WHERE state < 2;
CREATE INDEX file_expires ON file (expires_at) WHERE state <> 2;

-- What each user's files take, all states together: the quota's counter.
CREATE TABLE file_usage (
    user_id text   COLLATE "C" NOT NULL PRIMARY KEY,
    bytes   bigint  NOT NULL
);

ALTER TABLE room_message ADD COLUMN files text NOT NULL DEFAULT ''; -- the message's files as JSON; '' where it has none

-- One row: until when a node is collecting what nobody attached.
CREATE TABLE file_sweep (
    id          bigint NOT NULL PRIMARY KEY,
    lease_until bigint NOT NULL
);
INSERT INTO file_sweep (id, lease_until) VALUES (1, 0);
