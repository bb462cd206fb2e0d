-- Messages that users want to find again. Kept when a user leaves the room, and not shown then.
CREATE TABLE saved_message (
    user_id  text   COLLATE "C" NOT NULL,
    room_id  text   COLLATE "C" NOT NULL,
    seq      bigint NOT NULL, -- of the message, as n
    n        bigint NOT NULL,
    saved_at bigint NOT NULL,
    place    bigint NOT NULL, -- among what the user has saved: the useq of the event
    PRIMARY KEY (user_id, room_id, seq)
);
CREATE INDEX saved_message_place ON saved_message (user_id, place);
