-- Whom a message mentions besides those whom it names: 0 nobody, 1 all who were members then, 2 those who were online (they have rows of
-- message_mention). All members have none: they would be a row per member and message.
ALTER TABLE room_message ADD COLUMN audience INTEGER NOT NULL DEFAULT 0;
CREATE INDEX room_message_audience ON room_message (room_id, n) WHERE audience = 1;
