DROP TABLE shop_orders;
DROP TABLE shop_notes;
DROP TABLE shop_items;
