CREATE TABLE @TABLE@_notes (
  id uuid PRIMARY KEY,
  text text NOT NULL,
  author text NOT NULL,
  created_at timestamp NOT NULL
);
CREATE INDEX @TABLE@_notes_created ON @TABLE@_notes (created_at);
