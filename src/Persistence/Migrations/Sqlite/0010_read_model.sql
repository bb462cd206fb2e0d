-- What lists and pages are read from: a projection of the rooms' journals, and the read cursors. Everything but the cursors and the
-- users' streams can be built anew from the journal. Times are milliseconds since 1970-01-01 UTC.

CREATE TABLE room_offset (
    room_id    TEXT    NOT NULL PRIMARY KEY,
    journal_nr INTEGER NOT NULL -- the journal's sequence_number up to which the room is projected; its row is the projection's lock
) STRICT;

CREATE TABLE room (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    topic          TEXT    NOT NULL,
    visibility     INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    created_by     TEXT    NOT NULL,
    head_seq       INTEGER NOT NULL,
    head_n         INTEGER NOT NULL,
    member_count   INTEGER NOT NULL,
    last_message_n INTEGER NOT NULL, -- 0 while there is none
    last_active    INTEGER NOT NULL,
    search_text    TEXT    NOT NULL  -- name and topic as SearchText.Normalize leaves them
) STRICT;
CREATE INDEX room_discover ON room (member_count DESC, id) WHERE visibility = 0;

-- Which journal row holds a seq: pages of events are read from the journal itself.
CREATE TABLE room_batch (
    room_id    TEXT    NOT NULL,
    last_seq   INTEGER NOT NULL,
    first_seq  INTEGER NOT NULL,
    journal_nr INTEGER NOT NULL,
    PRIMARY KEY (room_id, last_seq)
) STRICT;

CREATE TABLE room_message (
    room_id             TEXT    NOT NULL,
    n                   INTEGER NOT NULL,
    seq                 INTEGER NOT NULL,
    cid                 BLOB    NOT NULL, -- the 16 bytes of the UUID, the most significant first
    author_id           TEXT    NOT NULL,
    author_username     TEXT    NOT NULL,
    author_display_name TEXT    NOT NULL,
    text                TEXT    NOT NULL,
    ts                  INTEGER NOT NULL,
    reply_to_seq        INTEGER NOT NULL,
    mentions            TEXT    NOT NULL, -- user ids with a blank between them
    PRIMARY KEY (room_id, n),
    CONSTRAINT room_message_cid UNIQUE (room_id, author_id, cid)
) STRICT;

CREATE TABLE message_mention (
    user_id TEXT    NOT NULL,
    room_id TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, n)
) STRICT;

CREATE TABLE room_member (
    room_id      TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    username     TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    role         INTEGER NOT NULL,
    joined_seq   INTEGER NOT NULL,
    joined_at    INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT;
CREATE INDEX room_member_user_id ON room_member (user_id);
CREATE INDEX room_member_joined_seq ON room_member (room_id, joined_seq);

CREATE TABLE read_cursor (
    user_id TEXT    NOT NULL,
    room_id TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id)
) STRICT;

CREATE TABLE user_stream (
    user_id TEXT    NOT NULL PRIMARY KEY,
    useq    INTEGER NOT NULL
) STRICT;

CREATE TABLE user_event (
    user_id TEXT    NOT NULL,
    useq    INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    room_id TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    ts      INTEGER NOT NULL,
    PRIMARY KEY (user_id, useq)
) STRICT;
