-- Work that survives its process and is done at least once: born in the transaction of what asks for it, gone when it is done.
CREATE TABLE work (
    id         bigserial NOT NULL PRIMARY KEY,
    kind       text      COLLATE "C" NOT NULL,
    key        text      COLLATE "C" NOT NULL, -- what is asked for twice is born once
    payload    text      NOT NULL,
    state      bigint    NOT NULL, -- 0 waiting, 1 running, 2 dead
    attempts   bigint    NOT NULL, -- begun so far
    due_at     bigint    NOT NULL, -- when it may be taken: the next attempt of one that waits, the end of the lease of one that runs
    owner      text      NULL,     -- who runs it
    last_error text      NULL,
    created_at bigint    NOT NULL,
    CONSTRAINT work_key UNIQUE (kind, key)
) WITH (fillfactor = 80);
CREATE INDEX work_due ON work (kind, due_at) WHERE state < 2;
