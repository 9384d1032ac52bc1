CREATE TABLE sdk_probe_items (
  id bigint PRIMARY KEY,
  title text NOT NULL,
  note text,
  price double,
  done boolean NOT NULL DEFAULT (FALSE),
  bytes blob
);
CREATE UNIQUE INDEX sdk_probe_items_title ON sdk_probe_items (title);
