DROP TABLE todo_items;
