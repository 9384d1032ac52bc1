DROP TABLE sdk_probe_items;
