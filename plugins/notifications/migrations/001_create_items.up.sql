CREATE TABLE notifications_items (
  id uuid NOT NULL PRIMARY KEY,
  user_id text NOT NULL,
  type text NOT NULL,
  title text NOT NULL,
  message text NOT NULL,
  entity_type text,
  entity_id text,
  metadata json NOT NULL,
  created_at timestamp NOT NULL,
  mailed_at timestamp
);

CREATE INDEX notifications_items_by_reader ON notifications_items (user_id, created_at, id);

CREATE INDEX notifications_items_by_time ON notifications_items (created_at, id);

CREATE TABLE notifications_reads (
  user_id text NOT NULL,
  notification uuid NOT NULL REFERENCES notifications_items (id) ON DELETE CASCADE,
  read_at timestamp NOT NULL,
  PRIMARY KEY (user_id, notification)
);

CREATE INDEX notifications_reads_by_item ON notifications_reads (notification);

CREATE TABLE notifications_claims (
  key text NOT NULL PRIMARY KEY,
  notification uuid NOT NULL,
  claimed_at timestamp NOT NULL
);

CREATE INDEX notifications_claims_by_time ON notifications_claims (claimed_at, key);

CREATE TABLE notifications_preferences (
  user_id text NOT NULL,
  name text NOT NULL,
  choice text NOT NULL,
  updated_at timestamp NOT NULL,
  PRIMARY KEY (user_id, name)
);

CREATE TABLE notifications_waiting (
  user_id text NOT NULL,
  notification uuid NOT NULL REFERENCES notifications_items (id) ON DELETE CASCADE,
  queued_at timestamp NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (user_id, notification)
);

CREATE INDEX notifications_waiting_by_item ON notifications_waiting (notification);
