CREATE TABLE quotes_quotes (
  id uuid NOT NULL PRIMARY KEY,
  quote_id text NOT NULL,
  status text NOT NULL,
  version bigint NOT NULL,
  source text NOT NULL,
  ticket_id text,
  customer_name text NOT NULL,
  customer_email text NOT NULL,
  customer_phone text,
  destination text,
  check_in text NOT NULL,
  check_out text NOT NULL,
  nights bigint NOT NULL,
  adults bigint NOT NULL,
  children bigint NOT NULL,
  total_minor bigint,
  currency text NOT NULL,
  is_from boolean NOT NULL,
  chosen bigint,
  consultant_id text,
  consultant_name text,
  client_id text,
  expires_at timestamp NOT NULL,
  share_id text,
  share_expires_at timestamp,
  mails bigint NOT NULL,
  email_sent_at timestamp,
  sent_at timestamp,
  viewed_at timestamp,
  accepted_at timestamp,
  declined_at timestamp,
  expired_at timestamp,
  decline_reason text,
  follow_up_at timestamp,
  follow_up_told boolean NOT NULL,
  search_key text NOT NULL,
  created_by text NOT NULL,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);

CREATE UNIQUE INDEX quotes_quotes_by_quote_id ON quotes_quotes (quote_id);

CREATE UNIQUE INDEX quotes_quotes_by_share ON quotes_quotes (share_id);

CREATE INDEX quotes_quotes_by_time ON quotes_quotes (created_at, id);

CREATE INDEX quotes_quotes_by_status ON quotes_quotes (status, created_at, id);

CREATE INDEX quotes_quotes_by_customer ON quotes_quotes (customer_email, created_at, id);

CREATE INDEX quotes_quotes_by_expiry ON quotes_quotes (status, expires_at);

CREATE INDEX quotes_quotes_by_follow_up ON quotes_quotes (follow_up_told, follow_up_at);

CREATE TABLE quotes_versions (
  quote uuid NOT NULL REFERENCES quotes_quotes (id) ON DELETE CASCADE,
  version bigint NOT NULL,
  cause text NOT NULL,
  content json NOT NULL,
  total_minor bigint,
  currency text NOT NULL,
  pdf text,
  user_id text NOT NULL,
  created_at timestamp NOT NULL,
  PRIMARY KEY (quote, version)
);

CREATE TABLE quotes_changes (
  id uuid NOT NULL PRIMARY KEY,
  quote uuid NOT NULL REFERENCES quotes_quotes (id) ON DELETE CASCADE,
  from_status text NOT NULL,
  to_status text NOT NULL,
  cause text NOT NULL,
  user_id text NOT NULL,
  changed_at timestamp NOT NULL
);

CREATE INDEX quotes_changes_by_time ON quotes_changes (quote, changed_at, id);

CREATE TABLE quotes_requests (
  key text NOT NULL PRIMARY KEY,
  quote uuid NOT NULL REFERENCES quotes_quotes (id) ON DELETE CASCADE,
  created_at timestamp NOT NULL
);

CREATE INDEX quotes_requests_by_quote ON quotes_requests (quote);

CREATE TABLE quotes_turns (
  user_id text NOT NULL PRIMARY KEY,
  turn bigint NOT NULL
);
