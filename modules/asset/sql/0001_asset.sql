CREATE TABLE IF NOT EXISTS asset_asset (
    id BIGINT NOT NULL PRIMARY KEY,
    parent_id BIGINT NULL,
    asset_no VARCHAR(64) NOT NULL,
    name VARCHAR(200) NOT NULL,
    sector VARCHAR(40) NOT NULL,
    type VARCHAR(40) NOT NULL,
    status VARCHAR(16) NOT NULL,
    org_id BIGINT NULL,
    region_id BIGINT NOT NULL,
    region_status VARCHAR(16) NOT NULL,
    address VARCHAR(300) NOT NULL,
    longitude DOUBLE NOT NULL,
    latitude DOUBLE NOT NULL,
    crs_source VARCHAR(16) NOT NULL,
    extra TEXT NOT NULL,
    source VARCHAR(64) NOT NULL,
    source_key VARCHAR(100) NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS asset_asset_source ON asset_asset (source, source_key);
CREATE INDEX IF NOT EXISTS asset_asset_region ON asset_asset (region_id, id);
CREATE INDEX IF NOT EXISTS asset_asset_sector ON asset_asset (sector, id);
CREATE INDEX IF NOT EXISTS asset_asset_org ON asset_asset (org_id, id);
CREATE INDEX IF NOT EXISTS asset_asset_position ON asset_asset (longitude, latitude);
