CREATE TABLE probe_notes (
  id uuid PRIMARY KEY,
  text text NOT NULL,
  runs bigint NOT NULL,
  created_at timestamp NOT NULL
);
