DROP TABLE records_items;
