CREATE TABLE snapshot (
    persistence_id  TEXT    NOT NULL,
    sequence_number INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    snapshot        BLOB    NOT NULL,
    manifest        TEXT    NOT NULL,
    serializer_id   INTEGER NULL,
    PRIMARY KEY (persistence_id, sequence_number)
) STRICT;
