-- Work that survives its process and is done at least once: born in the transaction of what asks for it, gone when it is done.
CREATE TABLE work (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    key        TEXT    NOT NULL, -- what is asked for twice is born once
    payload    TEXT    NOT NULL,
    state      INTEGER NOT NULL, -- 0 waiting, 1 running, 2 dead
    attempts   INTEGER NOT NULL, -- begun so far
    due_at     INTEGER NOT NULL, -- when it may be taken: the next attempt of one that waits, the end of the lease of one that runs
    owner      TEXT    NULL,     -- who runs it
    last_error TEXT    NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT work_key UNIQUE (kind, key)
) STRICT;
CREATE INDEX work_due ON work (kind, due_at) WHERE state < 2;
