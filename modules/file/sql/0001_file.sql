CREATE TABLE IF NOT EXISTS file_file (
    id BIGINT NOT NULL PRIMARY KEY,
    sha256 CHAR(64) NOT NULL,
    name VARCHAR(200) NOT NULL,
    size BIGINT NOT NULL,
    content_type VARCHAR(100) NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    purpose VARCHAR(32) NOT NULL,
    taken_at BIGINT NULL,
    taken_longitude DOUBLE NULL,
    taken_latitude DOUBLE NULL,
    object_type VARCHAR(32) NULL,
    object_id BIGINT NULL,
    attached_at BIGINT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS file_file_object ON file_file (object_type, object_id, id);
CREATE INDEX IF NOT EXISTS file_file_uploader ON file_file (created_by, id);
