ALTER TABLE file ADD COLUMN purpose bigint NOT NULL DEFAULT 0; -- 0 to go with a message, 1 to be an avatar, 2 to be a room's picture
ALTER TABLE account ADD COLUMN avatar text COLLATE "C" NULL;
ALTER TABLE room ADD COLUMN picture text COLLATE "C" NOT NULL DEFAULT ''; -- '' where there is none
