CREATE TABLE mail_messages (
  message_id text NOT NULL PRIMARY KEY,
  idempotency_key text NOT NULL,
  fingerprint text NOT NULL,
  recipient text NOT NULL,
  recipient_name text NOT NULL,
  subject text NOT NULL,
  content json NOT NULL,
  status text NOT NULL,
  transport text NOT NULL,
  provider_id text NOT NULL,
  reply text NOT NULL,
  attempts bigint NOT NULL,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);

CREATE UNIQUE INDEX mail_messages_by_key ON mail_messages (idempotency_key);

CREATE INDEX mail_messages_by_time ON mail_messages (created_at, message_id);

CREATE INDEX mail_messages_by_status ON mail_messages (status, created_at, message_id);

CREATE INDEX mail_messages_by_recipient ON mail_messages (recipient, created_at, message_id);

CREATE TABLE mail_events (
  event_id text NOT NULL PRIMARY KEY,
  message_id text NOT NULL,
  kind text NOT NULL,
  detail text NOT NULL,
  at timestamp NOT NULL
);

CREATE INDEX mail_events_by_message ON mail_events (message_id, at);

CREATE TABLE mail_suppressions (
  address text NOT NULL PRIMARY KEY,
  reason text NOT NULL,
  detail text NOT NULL,
  message_id text NOT NULL,
  created_at timestamp NOT NULL
);

CREATE INDEX mail_suppressions_by_time ON mail_suppressions (created_at, address);

CREATE TABLE mail_days (
  day text NOT NULL PRIMARY KEY,
  mails bigint NOT NULL
);

CREATE TABLE mail_templates (
  name text NOT NULL PRIMARY KEY,
  subject text NOT NULL,
  text_body text NOT NULL,
  html_body text NOT NULL,
  updated_at timestamp NOT NULL
);

CREATE TABLE mail_state (
  name text NOT NULL PRIMARY KEY,
  word text NOT NULL
);
