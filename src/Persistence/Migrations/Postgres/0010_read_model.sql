-- What lists and pages are read from: a projection of the rooms' journals, and the read cursors. Everything but the cursors and the
-- users' streams can be built anew from the journal. Times are milliseconds since 1970-01-01 UTC.

CREATE TABLE room_offset (
    room_id    text   COLLATE "C" NOT NULL PRIMARY KEY,
    journal_nr bigint NOT NULL -- the journal's sequence_number up to which the room is projected; its row is the projection's lock
);

CREATE TABLE room (
    id             text   COLLATE "C" NOT NULL PRIMARY KEY,
    name           text   NOT NULL,
    topic          text   NOT NULL,
    visibility     bigint NOT NULL,
    created_at     bigint NOT NULL,
    created_by     text   COLLATE "C" NOT NULL,
    head_seq       bigint NOT NULL,
    head_n         bigint NOT NULL,
    member_count   bigint NOT NULL,
    last_message_n bigint NOT NULL, -- 0 while there is none
    last_active    bigint NOT NULL,
    search_text    text   NOT NULL  -- name and topic as SearchText.Normalize leaves them
);
CREATE INDEX room_discover ON room (member_count DESC, id) WHERE visibility = 0;

-- Which journal row holds a seq: pages of events are read from the journal itself.
CREATE TABLE room_batch (
    room_id    text   COLLATE "C" NOT NULL,
    last_seq   bigint NOT NULL,
    first_seq  bigint NOT NULL,
    journal_nr bigint NOT NULL,
    PRIMARY KEY (room_id, last_seq)
);

CREATE TABLE room_message (
    room_id             text   COLLATE "C" NOT NULL,
    n                   bigint NOT NULL,
    seq                 bigint NOT NULL,
    cid                 bytea  NOT NULL, -- the 16 bytes of the UUID, the most significant first
    author_id           text   COLLATE "C" NOT NULL,
    author_username     text   NOT NULL,
    author_display_name text   NOT NULL,
    text                text   NOT NULL,
    ts                  bigint NOT NULL,
    reply_to_seq        bigint NOT NULL,
    mentions            text   NOT NULL, -- user ids with a blank between them
    PRIMARY KEY (room_id, n),
    CONSTRAINT room_message_cid UNIQUE (room_id, author_id, cid)
);

CREATE TABLE message_mention (
    user_id text   COLLATE "C" NOT NULL,
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (user_id, room_id, n)
);

CREATE TABLE room_member (
    room_id      text   COLLATE "C" NOT NULL,
    user_id      text   COLLATE "C" NOT NULL,
    username     text   NOT NULL,
    display_name text   NOT NULL,
    role         bigint NOT NULL,
    joined_seq   bigint NOT NULL,
    joined_at    bigint NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX room_member_user_id ON room_member (user_id);
CREATE INDEX room_member_joined_seq ON room_member (room_id, joined_seq);

CREATE TABLE read_cursor (
    user_id text   COLLATE "C" NOT NULL,
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (user_id, room_id)
) WITH (fillfactor = 80);

CREATE TABLE user_stream (
    user_id text   COLLATE "C" NOT NULL PRIMARY KEY,
    useq    bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE user_event (
    user_id text   COLLATE "C" NOT NULL,
    useq    bigint NOT NULL,
    kind    bigint NOT NULL,
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    ts      bigint NOT NULL,
    PRIMARY KEY (user_id, useq)
);
