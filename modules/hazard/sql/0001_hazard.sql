-- The case carries the row columns of every business row (region, organisation, sector, version,
-- created and updated); the tables below it are parts of one case, reached through it only, and
-- take its scope and version. Columns *_sealed hold encrypted personal data.
-- reported_at NULL: a draft. due_at is never NULL: a case that waits for nobody has 9999-12-31.
CREATE TABLE IF NOT EXISTS hazard_case (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_no VARCHAR(32) NOT NULL,
    client_uuid CHAR(36) NOT NULL,
    region_id BIGINT NOT NULL,
    region_status VARCHAR(16) NOT NULL,
    org_id BIGINT NOT NULL,
    sector VARCHAR(40) NOT NULL,
    state VARCHAR(32) NOT NULL,
    state_since BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    round INTEGER NOT NULL,
    urgent INTEGER NOT NULL,
    source VARCHAR(20) NOT NULL,
    type VARCHAR(40) NOT NULL,
    name VARCHAR(100) NOT NULL,
    reporter_grade VARCHAR(16) NOT NULL,
    hazard_grade VARCHAR(16),
    risk_grade VARCHAR(16),
    asset_id BIGINT,
    address VARCHAR(200) NOT NULL,
    longitude DOUBLE NOT NULL,
    latitude DOUBLE NOT NULL,
    floor VARCHAR(40),
    part VARCHAR(100),
    nature VARCHAR(1000) NOT NULL,
    cause VARCHAR(1000),
    consequence VARCHAR(1000),
    affected_people INTEGER,
    reporter_id BIGINT NOT NULL,
    reporter_name_sealed VARCHAR(512),
    reporter_phone_sealed VARCHAR(512),
    reported_at BIGINT NOT NULL,
    cover_photo_id BIGINT,
    principal_org_id BIGINT,
    plan_author_id BIGINT,
    rectifier_id BIGINT,
    verifier_id BIGINT,
    rectify_from_day BIGINT,
    rectify_due_day BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS hazard_case_number ON hazard_case (hazard_no);
CREATE UNIQUE INDEX IF NOT EXISTS hazard_case_client ON hazard_case (client_uuid);
CREATE INDEX IF NOT EXISTS hazard_case_reported ON hazard_case (reported_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_state ON hazard_case (state, reported_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_due ON hazard_case (due_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_region ON hazard_case (region_id, reported_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_org ON hazard_case (org_id, reported_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_sector ON hazard_case (sector, reported_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_asset ON hazard_case (asset_id, reported_at, id);
CREATE INDEX IF NOT EXISTS hazard_case_reporter ON hazard_case (reporter_id, reported_at, id);

-- Who answers for the case, by kind; valid_to NULL = in force. A change of holder ends one row and
-- begins another.
CREATE TABLE IF NOT EXISTS hazard_duty (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    org_id BIGINT NOT NULL,
    person_id BIGINT,
    basis VARCHAR(40) NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_duty_case ON hazard_duty (hazard_id, kind);
CREATE INDEX IF NOT EXISTS hazard_duty_org ON hazard_duty (org_id, hazard_id);
CREATE INDEX IF NOT EXISTS hazard_duty_person ON hazard_duty (person_id, hazard_id);

CREATE TABLE IF NOT EXISTS hazard_photo (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    file_id BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS hazard_photo_file ON hazard_photo (hazard_id, file_id);

CREATE TABLE IF NOT EXISTS hazard_review (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    round INTEGER NOT NULL,
    decision VARCHAR(16) NOT NULL,
    basic_information_ok INTEGER,
    basic_information_comment VARCHAR(1000),
    accuracy_ok INTEGER,
    accuracy_comment VARCHAR(1000),
    new_risk_found INTEGER,
    new_risk_comment VARCHAR(1000),
    influence_degree VARCHAR(16),
    influence_comment VARCHAR(1000),
    reporter_grade VARCHAR(16) NOT NULL,
    hazard_grade VARCHAR(16),
    risk_grade VARCHAR(16),
    clause VARCHAR(200),
    grade_comment VARCHAR(1000),
    opinion VARCHAR(1000),
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_review_case ON hazard_review (hazard_id, id);

-- New risks that a review found: they feed the risk list.
CREATE TABLE IF NOT EXISTS hazard_review_risk (
    review_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR(200) NOT NULL,
    PRIMARY KEY (review_id, position)
);

-- One file for each confirmed hazard, numbered apart from the case.
CREATE TABLE IF NOT EXISTS hazard_archive (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    archive_no VARCHAR(32) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS hazard_archive_case ON hazard_archive (hazard_id);
CREATE UNIQUE INDEX IF NOT EXISTS hazard_archive_number ON hazard_archive (archive_no);

-- Money in hundredths of a yuan.
CREATE TABLE IF NOT EXISTS hazard_plan (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    responsible_person_sealed VARCHAR(512) NOT NULL,
    due_on CHAR(10) NOT NULL,
    funds_fen BIGINT,
    funds_source VARCHAR(200),
    contingency VARCHAR(1000),
    interim_controls VARCHAR(1000),
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_plan_case ON hazard_plan (hazard_id, id);

CREATE TABLE IF NOT EXISTS hazard_measure (
    plan_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR(500) NOT NULL,
    due_on CHAR(10) NOT NULL,
    PRIMARY KEY (plan_id, position)
);

CREATE TABLE IF NOT EXISTS hazard_rectification (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    round INTEGER NOT NULL,
    measures_done VARCHAR(1000) NOT NULL,
    cost_fen BIGINT,
    self_check INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_rectification_case ON hazard_rectification (hazard_id, id);

CREATE TABLE IF NOT EXISTS hazard_verification (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    round INTEGER NOT NULL,
    result VARCHAR(16) NOT NULL,
    method VARCHAR(16),
    opinion VARCHAR(1000) NOT NULL,
    new_due_on CHAR(10),
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_verification_case ON hazard_verification (hazard_id, id);

CREATE TABLE IF NOT EXISTS hazard_write_off (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    residual_risk_grade VARCHAR(16) NOT NULL,
    opinion VARCHAR(1000) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_write_off_case ON hazard_write_off (hazard_id, id);

CREATE TABLE IF NOT EXISTS hazard_comment (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    text VARCHAR(1000) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_comment_case ON hazard_comment (hazard_id, id);

-- The time line: appended only. note of a comment is empty; its text is in hazard_comment.
CREATE TABLE IF NOT EXISTS hazard_event (
    id BIGINT NOT NULL PRIMARY KEY,
    hazard_id BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    move VARCHAR(16),
    from_state VARCHAR(32),
    to_state VARCHAR(32),
    actor_id BIGINT NOT NULL,
    actor_org_id BIGINT NOT NULL,
    actor_roles VARCHAR(200) NOT NULL,
    duty_kind VARCHAR(16),
    round INTEGER NOT NULL,
    note VARCHAR(1000),
    comment_id BIGINT,
    duration_ms BIGINT,
    late INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS hazard_event_case ON hazard_event (hazard_id, id);

-- Default terms. basis: "proposal", "unverified" or where it was read; verified 1 = checked against
-- the official text.
CREATE TABLE IF NOT EXISTS hazard_deadline (
    code VARCHAR(20) NOT NULL,
    hazard_grade VARCHAR(16) NOT NULL,
    urgent INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    unit VARCHAR(16) NOT NULL,
    basis VARCHAR(200) NOT NULL,
    verified INTEGER NOT NULL,
    PRIMARY KEY (code, hazard_grade, urgent)
);
