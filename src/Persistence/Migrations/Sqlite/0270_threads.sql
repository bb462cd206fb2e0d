-- Replies in threads are messages of the room that are in no page of its own list, and not unread there. A thread is named by the seq of its root.
ALTER TABLE room_message ADD COLUMN thread_seq INTEGER NOT NULL DEFAULT 0; -- 0 in no thread
CREATE INDEX room_message_thread ON room_message (room_id, thread_seq, n) WHERE thread_seq > 0;

DROP INDEX room_message_deleted;
CREATE INDEX room_message_hidden ON room_message (room_id, n) WHERE deleted = 1 OR thread_seq > 0; -- they are not unread in the room

ALTER TABLE message_mention ADD COLUMN thread_seq INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_mention_thread ON message_mention (user_id, room_id, n) WHERE thread_seq > 0;

CREATE TABLE thread (
    room_id TEXT    NOT NULL,
    seq     INTEGER NOT NULL, -- of the root
    n       INTEGER NOT NULL, -- of the root
    replies INTEGER NOT NULL, -- those that are not deleted
    last_n  INTEGER NOT NULL, -- of these; 0 while there is none
    last_ts INTEGER NOT NULL,
    PRIMARY KEY (room_id, seq)
) STRICT;

-- Who has anything to do with a thread.
CREATE TABLE thread_reader (
    user_id    TEXT    NOT NULL,
    room_id    TEXT    NOT NULL,
    thread_seq INTEGER NOT NULL,
    follows    INTEGER NOT NULL, -- 1: replies after read_n are unread
    read_n     INTEGER NOT NULL,
    posted_n   INTEGER NOT NULL, -- the user's last reply that is not deleted; 0 while there is none
    PRIMARY KEY (user_id, room_id, thread_seq)
) STRICT;
CREATE INDEX thread_reader_thread ON thread_reader (room_id, thread_seq);
