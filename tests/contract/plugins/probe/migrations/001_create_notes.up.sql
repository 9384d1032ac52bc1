CREATE TABLE alpha_notes (id text NOT NULL PRIMARY KEY, body text NOT NULL);
