-- Attributes that were set after people came, whose blocks never change: 440 ids to a block, id is `tenant << 52 | block`.
CREATE TABLE attribute_block (
    id   INTEGER NOT NULL PRIMARY KEY,
    data BLOB    NOT NULL
) STRICT;

-- How often attributes were set; 0 where nobody has to look.
ALTER TABLE tenant ADD COLUMN attribute_writes INTEGER NOT NULL DEFAULT 0;
