DROP TABLE inbound_email_mailboxes;
