CREATE TABLE IF NOT EXISTS region_region (
    id BIGINT NOT NULL PRIMARY KEY,
    parent_id BIGINT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(100) NOT NULL,
    level VARCHAR(16) NOT NULL,
    path VARCHAR(250) NOT NULL,
    longitude DOUBLE NULL,
    latitude DOUBLE NULL,
    valid_from_on VARCHAR(10) NULL,
    valid_to_on VARCHAR(10) NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS region_region_code ON region_region (code);
CREATE INDEX IF NOT EXISTS region_region_parent ON region_region (parent_id, code);
CREATE INDEX IF NOT EXISTS region_region_path ON region_region (path);
