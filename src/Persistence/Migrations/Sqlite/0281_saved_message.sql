-- Messages that users want to find again. Kept when a user leaves the room, and not shown then.
CREATE TABLE saved_message (
    user_id  TEXT    NOT NULL,
    room_id  TEXT    NOT NULL,
    seq      INTEGER NOT NULL, -- of the message, as n
    n        INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    place    INTEGER NOT NULL, -- among what the user has saved: the useq of the event
    PRIMARY KEY (user_id, room_id, seq)
) STRICT;
CREATE INDEX saved_message_place ON saved_message (user_id, place);
