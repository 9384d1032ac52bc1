DROP TABLE helpdesk_messages;
