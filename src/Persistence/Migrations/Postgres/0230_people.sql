-- What a person decides about others and shows of themselves.
ALTER TABLE account ADD COLUMN status_emoji text NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN status_text text NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN last_seen bigint NULL; -- when the last socket closed, to the minute
ALTER TABLE account ADD COLUMN indexed_name text NULL; -- the display name that account_word has; a search first brings it up to date
CREATE INDEX account_not_indexed ON account (id) WHERE indexed_name IS NULL OR indexed_name <> display_name;

-- The words of usernames and display names, as SearchText.Normalize leaves them.
CREATE TABLE account_word (
    word    text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX account_word_user_id ON account_word (user_id);

CREATE TABLE user_block (
    user_id    text COLLATE "C" NOT NULL,
    blocked_id text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX user_block_blocked_id ON user_block (blocked_id);

-- A direct room that is not in the user's list until it has a message after n.
CREATE TABLE direct_hidden (
    user_id text COLLATE "C" NOT NULL,
    room_id text COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (user_id, room_id)
);

ALTER TABLE user_event ADD COLUMN subject text NOT NULL DEFAULT ''; -- the other user of an event that has one
