ALTER TABLE room ADD COLUMN link_cards INTEGER NOT NULL DEFAULT 1;

-- The cards of the messages that have some, as JSON.
CREATE TABLE message_link (
    room_id TEXT NOT NULL,
    n       INTEGER NOT NULL,
    cards   TEXT NOT NULL,
    PRIMARY KEY (room_id, n)
) STRICT;

-- What pages have said, so that a link that many post is fetched once. card: JSON, or null where there is nothing to show.
CREATE TABLE link_page (
    url        TEXT NOT NULL PRIMARY KEY,
    card       TEXT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX link_page_expires_at ON link_page (expires_at);
