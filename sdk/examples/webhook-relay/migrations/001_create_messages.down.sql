DROP TABLE webhook_relay_messages;
