-- How each user wants each room: kept when the user leaves, so that it is there again when they come back.
CREATE TABLE room_preference (
    user_id   TEXT NOT NULL,
    room_id   TEXT NOT NULL,
    notify    INTEGER NOT NULL, -- 0 as the user's settings say, 1 all, 2 mentions, 3 nothing
    muted     INTEGER NOT NULL,
    favourite INTEGER NOT NULL,
    position  INTEGER NOT NULL, -- among the user's favourites, the lowest first
    PRIMARY KEY (user_id, room_id)
) STRICT;
