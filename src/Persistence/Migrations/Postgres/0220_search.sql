-- The index of messages' texts (docs/search.md). It only proposes messages: what a search shows is read from room_message. So nothing here is
-- changed by edits and deletions, and all of it can be built anew.

-- Messages that no segment has yet. seq: of the event that brought the text.
CREATE TABLE search_tail (
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    ts      bigint NOT NULL, -- the message's
    seq     bigint NOT NULL,
    PRIMARY KEY (room_id, n)
);

-- One row: how many segments there are. Whoever adds one has counted it.
CREATE TABLE search_state (
    id       bigint NOT NULL PRIMARY KEY,
    segments bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO search_state (id, segments) VALUES (1, 0);

-- Some thousand messages, in the order of their times. Never changed.
CREATE TABLE search_segment (
    id       bigint NOT NULL PRIMARY KEY,
    format   bigint NOT NULL,
    messages bigint NOT NULL, -- how many
    min_ts   bigint NOT NULL,
    max_ts   bigint NOT NULL,
    docs     bytea  NOT NULL
);

CREATE TABLE search_segment_room (
    room_id text   COLLATE "C" NOT NULL,
    segment bigint NOT NULL,
    PRIMARY KEY (room_id, segment)
);

-- Which of a segment's messages hold a gram.
CREATE TABLE search_posting (
    segment bigint NOT NULL,
    gram    bigint NOT NULL,
    docs    bytea  NOT NULL,
    PRIMARY KEY (segment, gram)
);
