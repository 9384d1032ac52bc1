DROP INDEX todo_items_due;
ALTER TABLE todo_items DROP COLUMN due;
