DROP TABLE mail_state;
DROP TABLE mail_templates;
DROP TABLE mail_days;
DROP TABLE mail_suppressions;
DROP TABLE mail_events;
DROP TABLE mail_messages;
