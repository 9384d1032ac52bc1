DROP TABLE inbound_email_sent;
DROP TABLE inbound_email_addresses;
DROP TABLE inbound_email_entries;
DROP TABLE inbound_email_tickets;
DROP TABLE inbound_email_mails;
