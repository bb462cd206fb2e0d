-- Projections of the rooms' journals.
CREATE TABLE room_ban (
    room_id         TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    username        TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    reason          TEXT NOT NULL,
    by_id           TEXT NOT NULL,
    by_username     TEXT NOT NULL,
    by_display_name TEXT NOT NULL,
    seq             INTEGER NOT NULL,
    ts              INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT;

-- Rows are only added.
CREATE TABLE room_audit (
    room_id              TEXT NOT NULL,
    seq                  INTEGER NOT NULL,
    ts                   INTEGER NOT NULL,
    action               TEXT NOT NULL, -- the event's ev
    by_id                TEXT NOT NULL,
    by_username          TEXT NOT NULL,
    by_display_name      TEXT NOT NULL,
    subject_id           TEXT NOT NULL, -- '' for a change of the room itself
    subject_username     TEXT NOT NULL,
    subject_display_name TEXT NOT NULL,
    detail               TEXT NOT NULL,
    PRIMARY KEY (room_id, seq)
) STRICT;

-- Links that let people into a room. Not projections: their codes are secrets, which no event carries.
CREATE TABLE room_invite (
    code       TEXT NOT NULL PRIMARY KEY,
    room_id    TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_uses   INTEGER NULL, -- NULL: any number
    uses       INTEGER NOT NULL,
    user_id    TEXT NULL -- NULL: for anybody
) STRICT;
CREATE INDEX room_invite_room_id ON room_invite (room_id);

-- A use that is not settled: the join has not been answered. The same user takes it up again.
CREATE TABLE room_invite_use (
    code    TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (code, user_id)
) STRICT;
