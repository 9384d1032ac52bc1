ALTER TABLE todo_items ADD COLUMN due text;
CREATE INDEX todo_items_due ON todo_items (due);
