-- How far each consumer of rooms' events has come, in place of the read model's own table of offsets; journal_nr is the journal's
-- sequence_number of the last row consumed.
CREATE TABLE consumer_offset (
    room_id    TEXT    NOT NULL,
    consumer   TEXT    NOT NULL,
    journal_nr INTEGER NOT NULL,
    PRIMARY KEY (room_id, consumer)
) STRICT;

INSERT INTO consumer_offset (room_id, consumer, journal_nr) SELECT room_id, 'read-model', journal_nr FROM room_offset;
DROP TABLE room_offset;
