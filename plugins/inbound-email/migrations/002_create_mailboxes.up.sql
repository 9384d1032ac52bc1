CREATE TABLE inbound_email_mailboxes (
  mailbox_id uuid NOT NULL PRIMARY KEY,
  host text NOT NULL,
  port bigint NOT NULL,
  security text NOT NULL,
  login text NOT NULL,
  folder text NOT NULL,
  begins text NOT NULL,
  uid_validity bigint NOT NULL,
  last_uid bigint NOT NULL,
  old_below_uid bigint NOT NULL,
  began bigint NOT NULL,
  runs bigint NOT NULL,
  failures bigint NOT NULL,
  last_error text,
  last_checked_at timestamp,
  next_check_at timestamp NOT NULL,
  created_at timestamp NOT NULL
);

CREATE UNIQUE INDEX inbound_email_mailboxes_once ON inbound_email_mailboxes (host, port, login, folder);

CREATE INDEX inbound_email_mailboxes_by_check ON inbound_email_mailboxes (next_check_at, mailbox_id);
