ALTER TABLE file ADD COLUMN purpose INTEGER NOT NULL DEFAULT 0; -- 0 to go with a message, 1 to be an avatar, 2 to be a room's picture
ALTER TABLE account ADD COLUMN avatar TEXT NULL;
ALTER TABLE room ADD COLUMN picture TEXT NOT NULL DEFAULT ''; -- '' where there is none
