CREATE TABLE shop_items (
  id uuid PRIMARY KEY, number bigint NOT NULL, title text NOT NULL, note text NOT NULL
);
CREATE INDEX shop_items_title ON shop_items (title);
CREATE TABLE shop_notes (id uuid PRIMARY KEY, text text NOT NULL);
CREATE TABLE shop_orders (id uuid PRIMARY KEY, item text NOT NULL);
