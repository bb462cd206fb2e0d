-- Projections of the rooms' journals.
CREATE TABLE room_ban (
    room_id         text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    username        text NOT NULL,
    display_name    text NOT NULL,
    reason          text NOT NULL,
    by_id           text COLLATE "C" NOT NULL,
    by_username     text NOT NULL,
    by_display_name text NOT NULL,
    seq             bigint NOT NULL,
    ts              bigint NOT NULL,
    PRIMARY KEY (room_id, user_id)
);

-- Rows are only added.
CREATE TABLE room_audit (
    room_id              text COLLATE "C" NOT NULL,
    seq                  bigint NOT NULL,
    ts                   bigint NOT NULL,
    action               text NOT NULL, -- the event's ev
    by_id                text COLLATE "C" NOT NULL,
    by_username          text NOT NULL,
    by_display_name      text NOT NULL,
    subject_id           text COLLATE "C" NOT NULL, -- '' for a change of the room itself
    subject_username     text NOT NULL,
    subject_display_name text NOT NULL,
    detail               text NOT NULL,
    PRIMARY KEY (room_id, seq)
);

-- Links that let people into a room. Not projections: their codes are secrets, which no event carries.
CREATE TABLE room_invite (
    code       text COLLATE "C" NOT NULL PRIMARY KEY,
    room_id    text COLLATE "C" NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    max_uses   bigint NULL, -- NULL: any number
    uses       bigint NOT NULL,
    user_id    text COLLATE "C" NULL -- NULL: for anybody
);
CREATE INDEX room_invite_room_id ON room_invite (room_id);

-- A use that is not settled: the join has not been answered. The same user takes it up again.
CREATE TABLE room_invite_use (
    code    text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (code, user_id)
);
