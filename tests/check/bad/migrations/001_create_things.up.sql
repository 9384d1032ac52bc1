CREATE TABLE bad_things (id uuid PRIMARY KEY, title text NOT NULL);
