CREATE TABLE records_items (
  id text PRIMARY KEY,
  number bigint NOT NULL,
  title text NOT NULL
);
CREATE INDEX records_items_number ON records_items (number);
