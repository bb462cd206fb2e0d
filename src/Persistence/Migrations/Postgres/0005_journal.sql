-- The tables of Akka.Persistence.Sql's default mapping, without its tag table and its writer_uuid column (see RoomJournal.cs).
-- The unique key is the fence between two writers of one room: it must never go.

CREATE TABLE journal (
    ordering        bigserial NOT NULL PRIMARY KEY,
    created         bigint    NOT NULL,
    deleted         boolean   NOT NULL,
    persistence_id  text      COLLATE "C" NOT NULL,
    sequence_number bigint    NOT NULL,
    message         bytea     NOT NULL,
    tags            text      NULL,
    manifest        text      NOT NULL,
    identifier      integer   NULL,
    CONSTRAINT journal_fence UNIQUE (persistence_id, sequence_number)
);

CREATE TABLE snapshot (
    persistence_id  text    COLLATE "C" NOT NULL,
    sequence_number bigint  NOT NULL,
    created         bigint  NOT NULL,
    snapshot        bytea   NOT NULL,
    manifest        text    NOT NULL,
    serializer_id   integer NULL,
    PRIMARY KEY (persistence_id, sequence_number)
);
