-- One row: what tells this journal from any other. The epoch changes only when a journal is restored from a backup.
CREATE TABLE installation (
    id integer PRIMARY KEY CHECK (id = 1),
    epoch text NOT NULL
);
