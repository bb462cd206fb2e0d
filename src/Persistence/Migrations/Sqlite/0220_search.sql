-- The index of messages' texts (docs/search.md). It only proposes messages: what a search shows is read from room_message. So nothing here is
-- changed by edits and deletions, and all of it can be built anew.

-- Messages that no segment has yet. seq: of the event that brought the text.
CREATE TABLE search_tail (
    room_id text    NOT NULL,
    n       integer NOT NULL,
    ts      integer NOT NULL, -- the message's
    seq     integer NOT NULL,
    PRIMARY KEY (room_id, n)
) WITHOUT ROWID;

-- One row: how many segments there are. Whoever adds one has counted it.
CREATE TABLE search_state (
    id       integer NOT NULL PRIMARY KEY,
    segments integer NOT NULL
);
INSERT INTO search_state (id, segments) VALUES (1, 0);

-- Some thousand messages, in the order of their times. Never changed.
CREATE TABLE search_segment (
    id       integer NOT NULL PRIMARY KEY,
    format   integer NOT NULL,
    messages integer NOT NULL, -- how many
    min_ts   integer NOT NULL,
    max_ts   integer NOT NULL,
    docs     blob    NOT NULL
);

CREATE TABLE search_segment_room (
    room_id text    NOT NULL,
    segment integer NOT NULL,
    PRIMARY KEY (room_id, segment)
) WITHOUT ROWID;

-- Which of a segment's messages hold a gram.
CREATE TABLE search_posting (
    segment integer NOT NULL,
    gram    integer NOT NULL,
    docs    blob    NOT NULL,
    PRIMARY KEY (segment, gram)
) WITHOUT ROWID;
