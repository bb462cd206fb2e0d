-- The images of link cards in the object store. One that no message shows goes once expires_at has passed.
CREATE TABLE link_image (
    id         text   COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at bigint NOT NULL,
    removed    bigint NOT NULL DEFAULT 0 -- 1: its objects are being removed, and nobody sees it any more
);
CREATE INDEX link_image_expires_at ON link_image (expires_at);

-- The messages that show an image: the members of their rooms may see it. One with n = 0 is no message yet: a card that the room has been
-- or is about to be asked to attach, which keeps the image until expires_at.
CREATE TABLE link_image_use (
    image_id   text   COLLATE "C" NOT NULL,
    room_id    text   COLLATE "C" NOT NULL,
    n          bigint NOT NULL,
    expires_at bigint NOT NULL, -- 0 for a message
    PRIMARY KEY (image_id, room_id, n)
);
CREATE INDEX link_image_use_message ON link_image_use (room_id, n);
CREATE INDEX link_image_use_expires_at ON link_image_use (expires_at) WHERE n = 0;
