-- What becomes of a message that is there. changed_at: of the last edit or the deletion, 0 where there was none. A deleted message keeps its row
-- and its n, and nothing that it said.
ALTER TABLE room_message ADD COLUMN changed_at bigint NOT NULL DEFAULT 0;
ALTER TABLE room_message ADD COLUMN deleted bigint NOT NULL DEFAULT 0;
CREATE INDEX room_message_changed ON room_message (room_id, n) WHERE changed_at > 0;
CREATE INDEX room_message_deleted ON room_message (room_id, n) WHERE deleted = 1; -- they are not unread

CREATE INDEX message_mention_message ON message_mention (room_id, n);

CREATE TABLE message_reaction (
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    emoji   text   COLLATE "C" NOT NULL,
    user_id text   COLLATE "C" NOT NULL,
    seq     bigint NOT NULL, -- of the event: their order
    PRIMARY KEY (room_id, n, emoji, user_id)
);

CREATE TABLE message_pin (
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    seq     bigint NOT NULL, -- of the event: their order
    PRIMARY KEY (room_id, n)
);
