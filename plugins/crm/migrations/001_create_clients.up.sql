CREATE TABLE crm_clients (
  id uuid NOT NULL PRIMARY KEY,
  client_id text NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  phone text,
  source text NOT NULL,
  consultant_id text,
  stage text NOT NULL,
  destination text,
  notes text,
  value_amount bigint NOT NULL,
  value_currency text NOT NULL,
  quote_count bigint NOT NULL,
  name_key text NOT NULL,
  phone_key text,
  last_activity_at timestamp,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);

CREATE INDEX crm_clients_by_time ON crm_clients (created_at, id);

CREATE INDEX crm_clients_by_stage ON crm_clients (stage, created_at, id);

CREATE INDEX crm_clients_by_consultant ON crm_clients (consultant_id, created_at, id);

CREATE INDEX crm_clients_by_source ON crm_clients (source);

CREATE INDEX crm_clients_by_name ON crm_clients (name_key, created_at, id);

CREATE INDEX crm_clients_by_phone ON crm_clients (phone_key, created_at, id);

CREATE TABLE crm_keys (
  key text NOT NULL PRIMARY KEY,
  kind text NOT NULL,
  client uuid NOT NULL REFERENCES crm_clients (id) ON DELETE CASCADE
);

CREATE INDEX crm_keys_by_client ON crm_keys (client);

CREATE TABLE crm_words (
  word text NOT NULL,
  client uuid NOT NULL REFERENCES crm_clients (id) ON DELETE CASCADE,
  PRIMARY KEY (word, client)
);

CREATE INDEX crm_words_by_client ON crm_words (client);

CREATE TABLE crm_quote_values (
  quote_id text NOT NULL PRIMARY KEY,
  client uuid NOT NULL REFERENCES crm_clients (id) ON DELETE CASCADE,
  amount bigint NOT NULL,
  currency text NOT NULL,
  destination text,
  quoted_at timestamp NOT NULL
);

CREATE INDEX crm_quote_values_by_client ON crm_quote_values (client, quoted_at, quote_id);

CREATE TABLE crm_activities (
  id uuid NOT NULL PRIMARY KEY,
  client uuid NOT NULL REFERENCES crm_clients (id) ON DELETE CASCADE,
  activity_type text NOT NULL,
  description text NOT NULL,
  metadata json NOT NULL,
  once_key text NOT NULL,
  user_id text NOT NULL,
  created_at timestamp NOT NULL
);

CREATE UNIQUE INDEX crm_activities_once ON crm_activities (client, once_key);

CREATE INDEX crm_activities_by_time ON crm_activities (client, created_at, id);

CREATE TABLE crm_changes (
  id uuid NOT NULL PRIMARY KEY,
  client uuid NOT NULL REFERENCES crm_clients (id) ON DELETE CASCADE,
  cause text NOT NULL,
  changes json NOT NULL,
  user_id text NOT NULL,
  changed_at timestamp NOT NULL
);

CREATE INDEX crm_changes_by_time ON crm_changes (client, changed_at, id);

CREATE TABLE crm_imports (
  id uuid NOT NULL PRIMARY KEY,
  blob text NOT NULL,
  job_id text NOT NULL,
  file_name text NOT NULL,
  update_existing bigint NOT NULL,
  user_id text NOT NULL,
  state text NOT NULL,
  row_count bigint NOT NULL,
  added bigint NOT NULL,
  changed bigint NOT NULL,
  unchanged bigint NOT NULL,
  created_at timestamp NOT NULL,
  finished_at timestamp
);

CREATE INDEX crm_imports_by_blob ON crm_imports (blob, state);
