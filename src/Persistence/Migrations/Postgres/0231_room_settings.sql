-- Projections of the rooms' journals. A deleted room keeps its row, so that its offset has a place; nobody sees it.
ALTER TABLE room ADD COLUMN archived bigint NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN deleted bigint NOT NULL DEFAULT 0;
