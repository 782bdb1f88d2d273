CREATE TABLE IF NOT EXISTS identity_org (
  id BIGINT NOT NULL PRIMARY KEY,
  parent_id BIGINT NULL,
  path VARCHAR(400) NOT NULL,
  code VARCHAR(64) NOT NULL,
  name VARCHAR(200) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  uscc VARCHAR(18) NOT NULL,
  region_id BIGINT NULL,
  sector VARCHAR(64) NOT NULL,
  status VARCHAR(16) NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS identity_org_code ON identity_org (code);
CREATE INDEX IF NOT EXISTS identity_org_name ON identity_org (name);
CREATE INDEX IF NOT EXISTS identity_org_path ON identity_org (path);

CREATE TABLE IF NOT EXISTS identity_role (
  code VARCHAR(64) NOT NULL PRIMARY KEY,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  scope_kind VARCHAR(32) NOT NULL,
  exclusive BIGINT NOT NULL,
  sort BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS identity_role_permission (
  role_code VARCHAR(64) NOT NULL,
  permission VARCHAR(100) NOT NULL,
  PRIMARY KEY (role_code, permission)
);
CREATE INDEX IF NOT EXISTS identity_role_permission_permission ON identity_role_permission (permission, role_code);
CREATE TABLE IF NOT EXISTS identity_menu (
  code VARCHAR(64) NOT NULL PRIMARY KEY,
  parent_code VARCHAR(64) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  icon VARCHAR(64) NOT NULL,
  path VARCHAR(200) NOT NULL,
  permission VARCHAR(100) NOT NULL,
  mobile BIGINT NOT NULL,
  sort BIGINT NOT NULL
);

-- Personal data: phone (sealed, with a blind index). The name stays clear: it is a work name that
-- stands beside every row the person handles.
CREATE TABLE IF NOT EXISTS identity_user (
  id BIGINT NOT NULL PRIMARY KEY,
  account VARCHAR(64) NOT NULL,
  name VARCHAR(100) NOT NULL,
  phone_sealed VARCHAR(512) NOT NULL,
  phone_index VARCHAR(64) NOT NULL,
  org_id BIGINT NULL,
  region_id BIGINT NULL,
  sector VARCHAR(64) NOT NULL,
  language VARCHAR(16) NOT NULL,
  theme VARCHAR(16) NOT NULL,
  status VARCHAR(16) NOT NULL,
  password_hash VARCHAR(255) NOT NULL,
  password_changed_at BIGINT NOT NULL,
  must_change_password BIGINT NOT NULL,
  initial_expires_at BIGINT NULL,
  last_login_at BIGINT NULL,
  last_login_address VARCHAR(64) NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS identity_user_account ON identity_user (account);
CREATE INDEX IF NOT EXISTS identity_user_org ON identity_user (org_id);
CREATE INDEX IF NOT EXISTS identity_user_phone ON identity_user (phone_index);

CREATE TABLE IF NOT EXISTS identity_user_role (
  id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL,
  role_code VARCHAR(64) NOT NULL,
  scope_kind VARCHAR(32) NOT NULL,
  region_id BIGINT NOT NULL,
  org_id BIGINT NOT NULL,
  sector VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS identity_user_role_grant ON identity_user_role (user_id, role_code, scope_kind, region_id, org_id, sector);
CREATE INDEX IF NOT EXISTS identity_user_role_role ON identity_user_role (role_code, user_id);

CREATE TABLE IF NOT EXISTS identity_password_history (
  id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL,
  password_hash VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS identity_password_history_user ON identity_password_history (user_id, created_at);

CREATE TABLE IF NOT EXISTS identity_session (
  id BIGINT NOT NULL PRIMARY KEY,
  token_hash CHAR(64) NOT NULL,
  user_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address VARCHAR(64) NOT NULL,
  user_agent VARCHAR(255) NOT NULL,
  previous_login_at BIGINT NULL,
  previous_login_address VARCHAR(64) NOT NULL,
  ended_at BIGINT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS identity_session_token ON identity_session (token_hash);
CREATE INDEX IF NOT EXISTS identity_session_user ON identity_session (user_id, ended_at);

CREATE TABLE IF NOT EXISTS identity_token (
  id BIGINT NOT NULL PRIMARY KEY,
  token_hash CHAR(64) NOT NULL,
  user_id BIGINT NOT NULL,
  name VARCHAR(100) NOT NULL,
  permissions TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used_at BIGINT NULL,
  revoked_at BIGINT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS identity_token_hash ON identity_token (token_hash);
CREATE INDEX IF NOT EXISTS identity_token_user ON identity_token (user_id);

CREATE TABLE IF NOT EXISTS identity_lockout (
  subject CHAR(64) NOT NULL PRIMARY KEY,
  failures TEXT NOT NULL,
  locks BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
