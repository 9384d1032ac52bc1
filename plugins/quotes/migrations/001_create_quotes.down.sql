DROP TABLE quotes_turns;

DROP TABLE quotes_requests;

DROP TABLE quotes_changes;

DROP TABLE quotes_versions;

DROP TABLE quotes_quotes;
