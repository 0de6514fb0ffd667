-- Attributes that were set after people came, whose blocks never change: 440 ids to a block.
CREATE TABLE attribute_block (
    tenant_id bigint NOT NULL,
    id        bigint NOT NULL,
    data      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- How often attributes were set; 0 where nobody has to look.
ALTER TABLE tenant ADD COLUMN attribute_writes bigint NOT NULL DEFAULT 0;
