-- The table of Akka.Persistence.Sql's default mapping, without its tag table and its writer_uuid column (see RoomJournal.cs).
-- The unique key is the fence between two writers of one room: it must never go.

CREATE TABLE journal (
    ordering        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    created         INTEGER NOT NULL,
    deleted         INTEGER NOT NULL,
    persistence_id  TEXT    NOT NULL,
    sequence_number INTEGER NOT NULL,
    message         BLOB    NOT NULL,
    tags            TEXT    NULL,
    manifest        TEXT    NOT NULL,
    identifier      INTEGER NULL,
    CONSTRAINT journal_fence UNIQUE (persistence_id, sequence_number)
) STRICT;
