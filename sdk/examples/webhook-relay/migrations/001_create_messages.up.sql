CREATE TABLE webhook_relay_messages (
  id text PRIMARY KEY,
  event text NOT NULL,
  payload json NOT NULL,
  attempts bigint NOT NULL,
  accepted_at timestamp NOT NULL,
  delivered_at timestamp
);
