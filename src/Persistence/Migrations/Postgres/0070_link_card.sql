ALTER TABLE room ADD COLUMN link_cards bigint NOT NULL DEFAULT 1;

-- The cards of the messages that have some, as JSON.
CREATE TABLE message_link (
    room_id text   COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    cards   text NOT NULL,
    PRIMARY KEY (room_id, n)
);

-- What pages have said, so that a link that many post is fetched once. card: JSON, or null where there is nothing to show.
CREATE TABLE link_page (
    url        text NOT NULL PRIMARY KEY,
    card       text NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX link_page_expires_at ON link_page (expires_at);
