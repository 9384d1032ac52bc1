DROP TABLE knowledge_collections;

DROP TABLE knowledge_state;

DROP TABLE knowledge_models;

DROP TABLE knowledge_segments;

DROP TABLE knowledge_chunks;

DROP TABLE knowledge_documents;
