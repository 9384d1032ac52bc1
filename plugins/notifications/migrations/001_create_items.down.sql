DROP TABLE notifications_waiting;

DROP TABLE notifications_preferences;

DROP TABLE notifications_claims;

DROP TABLE notifications_reads;

DROP TABLE notifications_items;
