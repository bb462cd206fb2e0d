-- How far each consumer of rooms' events has come, in place of the read model's own table of offsets. A row is the consumer's lock on the
-- room; journal_nr is the journal's sequence_number of the last row consumed.
CREATE TABLE consumer_offset (
    room_id    text   COLLATE "C" NOT NULL,
    consumer   text   COLLATE "C" NOT NULL,
    journal_nr bigint NOT NULL,
    PRIMARY KEY (room_id, consumer)
) WITH (fillfactor = 80);

INSERT INTO consumer_offset (room_id, consumer, journal_nr) SELECT room_id, 'read-model', journal_nr FROM room_offset;
DROP TABLE room_offset;
