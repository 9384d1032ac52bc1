CREATE TABLE todo_items (
  id uuid PRIMARY KEY,
  title text NOT NULL,
  done_at timestamp
);
