-- Who is up in the cluster, so that a node that restarts joins those who are there and never makes a second cluster beside them.
-- seen_at is in milliseconds since the Unix epoch, by this database's clock.
CREATE TABLE cluster_node (
    address text PRIMARY KEY,
    seen_at bigint NOT NULL
);
