CREATE TABLE IF NOT EXISTS dictionary_dictionary (
    id BIGINT NOT NULL PRIMARY KEY,
    code VARCHAR(64) NOT NULL,
    name_zh VARCHAR(100) NOT NULL,
    name_en VARCHAR(100) NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS dictionary_dictionary_code ON dictionary_dictionary (code);
CREATE TABLE IF NOT EXISTS dictionary_entry (
    id BIGINT NOT NULL PRIMARY KEY,
    dictionary_code VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    name_zh VARCHAR(200) NOT NULL,
    name_en VARCHAR(200) NOT NULL,
    color VARCHAR(20) NOT NULL,
    sort_no BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS dictionary_entry_code ON dictionary_entry (dictionary_code, code);
