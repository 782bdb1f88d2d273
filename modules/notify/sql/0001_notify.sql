CREATE TABLE IF NOT EXISTS notify_outbox (
    id BIGINT NOT NULL PRIMARY KEY,
    event VARCHAR(160) NOT NULL,
    recipient_id BIGINT NOT NULL,
    channel VARCHAR(16) NOT NULL,
    title_code VARCHAR(100) NOT NULL,
    title_params TEXT NOT NULL,
    body_code VARCHAR(100) NOT NULL,
    body_params TEXT NOT NULL,
    link VARCHAR(300) NOT NULL,
    state VARCHAR(16) NOT NULL,
    claimed_until_at BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS notify_outbox_event
    ON notify_outbox (event, recipient_id, channel);
CREATE INDEX IF NOT EXISTS notify_outbox_waiting ON notify_outbox (state, claimed_until_at);
CREATE TABLE IF NOT EXISTS notify_notice (
    id BIGINT NOT NULL PRIMARY KEY,
    outbox_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    title_code VARCHAR(100) NOT NULL,
    title_params TEXT NOT NULL,
    body_code VARCHAR(100) NOT NULL,
    body_params TEXT NOT NULL,
    link VARCHAR(300) NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS notify_notice_outbox ON notify_notice (outbox_id);
CREATE INDEX IF NOT EXISTS notify_notice_user ON notify_notice (user_id, id);
