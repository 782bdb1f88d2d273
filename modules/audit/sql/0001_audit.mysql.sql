CREATE TABLE IF NOT EXISTS audit_record (
  seq BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  actor_id BIGINT NOT NULL,
  actor_account VARCHAR(128) NOT NULL,
  session_id VARCHAR(64) NOT NULL,
  source_address VARCHAR(64) NOT NULL,
  route VARCHAR(255) NOT NULL,
  action VARCHAR(128) NOT NULL,
  object_type VARCHAR(64) NOT NULL,
  object_id BIGINT NOT NULL,
  region_id BIGINT NOT NULL,
  org_id BIGINT NOT NULL,
  result VARCHAR(16) NOT NULL,
  changes MEDIUMTEXT NOT NULL,
  note TEXT NOT NULL,
  trace_id VARCHAR(64) NOT NULL,
  algorithm VARCHAR(32) NOT NULL,
  key_id VARCHAR(32) NOT NULL,
  prev_hash CHAR(64) NOT NULL,
  hash CHAR(64) NOT NULL,
  mac CHAR(64) NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_record_object ON audit_record (object_type, object_id, seq);
CREATE INDEX IF NOT EXISTS audit_record_actor ON audit_record (actor_id, seq);
CREATE INDEX IF NOT EXISTS audit_record_at ON audit_record (at);
CREATE TABLE IF NOT EXISTS audit_head (
  id INTEGER NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash CHAR(64) NOT NULL
);
INSERT IGNORE INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE IF NOT EXISTS audit_verification (
  at BIGINT NOT NULL PRIMARY KEY,
  through_seq BIGINT NOT NULL,
  bad_seq BIGINT NOT NULL,
  damage VARCHAR(32) NOT NULL
);
CREATE TRIGGER IF NOT EXISTS audit_record_no_update BEFORE UPDATE ON audit_record FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit.append_only';
CREATE TRIGGER IF NOT EXISTS audit_record_no_delete BEFORE DELETE ON audit_record FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit.append_only';
CREATE TRIGGER IF NOT EXISTS audit_record_rising BEFORE INSERT ON audit_record FOR EACH ROW BEGIN IF NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM audit_record) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit.append_only'; END IF; END;
