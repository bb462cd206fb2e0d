-- Which server, timeline, database and table the epoch was made in. When they are others, the journal was restored (docs/backup.md).
ALTER TABLE installation ADD COLUMN server text;
