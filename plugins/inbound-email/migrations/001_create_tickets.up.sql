CREATE TABLE inbound_email_mails (
  mail_id uuid NOT NULL PRIMARY KEY,
  fingerprint text NOT NULL,
  message_id text NOT NULL,
  source text NOT NULL,
  blob text NOT NULL,
  state text NOT NULL,
  runs bigint NOT NULL,
  reason text,
  ticket_id text,
  sender text NOT NULL,
  subject text NOT NULL,
  received_at timestamp NOT NULL
);

CREATE UNIQUE INDEX inbound_email_mails_once ON inbound_email_mails (fingerprint);

CREATE INDEX inbound_email_mails_by_message ON inbound_email_mails (message_id);

CREATE INDEX inbound_email_mails_by_state ON inbound_email_mails (state, received_at, mail_id);

CREATE TABLE inbound_email_tickets (
  ticket_id text NOT NULL PRIMARY KEY,
  customer_name text NOT NULL,
  customer_email text NOT NULL,
  subject text NOT NULL,
  message text NOT NULL,
  status text NOT NULL,
  priority text NOT NULL,
  source text NOT NULL,
  assigned_to text,
  notes text,
  metadata json NOT NULL,
  quote_id text,
  quote_number text,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);

CREATE INDEX inbound_email_tickets_by_time ON inbound_email_tickets (created_at, ticket_id);

CREATE INDEX inbound_email_tickets_by_status ON inbound_email_tickets (status, created_at, ticket_id);

CREATE INDEX inbound_email_tickets_by_priority ON inbound_email_tickets (priority, created_at, ticket_id);

CREATE INDEX inbound_email_tickets_by_customer ON inbound_email_tickets (customer_email, created_at);

CREATE INDEX inbound_email_tickets_by_quote ON inbound_email_tickets (quote_number);

CREATE TABLE inbound_email_entries (
  ticket_id text NOT NULL REFERENCES inbound_email_tickets (ticket_id) ON DELETE CASCADE,
  entry_id uuid NOT NULL,
  role text NOT NULL,
  author text NOT NULL,
  content text NOT NULL,
  attachments json NOT NULL,
  created_at timestamp NOT NULL,
  PRIMARY KEY (ticket_id, entry_id)
);

CREATE TABLE inbound_email_sent (
  message_id text NOT NULL PRIMARY KEY,
  ticket_id text NOT NULL REFERENCES inbound_email_tickets (ticket_id) ON DELETE CASCADE
);

CREATE TABLE inbound_email_addresses (
  id text NOT NULL PRIMARY KEY,
  word text NOT NULL
);
