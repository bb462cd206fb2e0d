-- What a person decides about others and shows of themselves.
ALTER TABLE account ADD COLUMN status_emoji TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN status_text TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN last_seen INTEGER NULL; -- when the last socket closed, to the minute
ALTER TABLE account ADD COLUMN indexed_name TEXT NULL; -- the display name that account_word has; a search first brings it up to date
CREATE INDEX account_not_indexed ON account (id) WHERE indexed_name IS NULL OR indexed_name <> display_name;

-- The words of usernames and display names, as SearchText.Normalize leaves them.
CREATE TABLE account_word (
    word    TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (word, user_id)
) STRICT;
CREATE INDEX account_word_user_id ON account_word (user_id);

CREATE TABLE user_block (
    user_id    TEXT NOT NULL,
    blocked_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT;
CREATE INDEX user_block_blocked_id ON user_block (blocked_id);

-- A direct room that is not in the user's list until it has a message after n.
CREATE TABLE direct_hidden (
    user_id TEXT NOT NULL,
    room_id TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id)
) STRICT;

ALTER TABLE user_event ADD COLUMN subject TEXT NOT NULL DEFAULT ''; -- the other user of an event that has one
