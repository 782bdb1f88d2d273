-- Which secret keys this installation has made, and a fingerprint of each, so that a lost or
-- exchanged key file is noticed instead of being replaced by a new key.
CREATE TABLE IF NOT EXISTS mch_key (
    name VARCHAR(64) NOT NULL PRIMARY KEY,
    fingerprint VARCHAR(64) NOT NULL,
    made_at BIGINT NOT NULL
);
