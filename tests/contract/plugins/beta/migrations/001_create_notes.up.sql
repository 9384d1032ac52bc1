CREATE TABLE beta_notes (id text NOT NULL PRIMARY KEY, body text NOT NULL);
