CREATE TABLE helpdesk_messages (
  id text NOT NULL PRIMARY KEY,
  user_id text NOT NULL,
  role text NOT NULL,
  content text NOT NULL,
  created_at text NOT NULL
);

CREATE INDEX helpdesk_messages_by_user ON helpdesk_messages (user_id, id);
