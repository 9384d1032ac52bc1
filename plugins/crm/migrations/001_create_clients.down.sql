DROP TABLE crm_imports;

DROP TABLE crm_changes;

DROP TABLE crm_activities;

DROP TABLE crm_quote_values;

DROP TABLE crm_words;

DROP TABLE crm_keys;

DROP TABLE crm_clients;
