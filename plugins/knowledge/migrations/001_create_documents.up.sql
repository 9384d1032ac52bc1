CREATE TABLE knowledge_documents (
  document_id text NOT NULL PRIMARY KEY,
  number bigint NOT NULL,
  filename text NOT NULL,
  original_filename text NOT NULL,
  title text NOT NULL,
  title_given bigint NOT NULL,
  category text NOT NULL,
  tags json NOT NULL,
  file_type text NOT NULL,
  file_size bigint NOT NULL,
  content_hash text NOT NULL,
  blob text NOT NULL,
  visibility text NOT NULL,
  owner text NOT NULL,
  status text NOT NULL,
  error text,
  chunk_count bigint NOT NULL,
  uploaded_at timestamp NOT NULL,
  indexed_at timestamp
);

CREATE UNIQUE INDEX knowledge_documents_by_number ON knowledge_documents (number);

CREATE INDEX knowledge_documents_by_content ON knowledge_documents (content_hash);

CREATE INDEX knowledge_documents_by_blob ON knowledge_documents (blob);

CREATE INDEX knowledge_documents_by_time ON knowledge_documents (uploaded_at, document_id);

CREATE TABLE knowledge_chunks (
  document_id text NOT NULL,
  position bigint NOT NULL,
  heading text NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (document_id, position)
);

CREATE TABLE knowledge_segments (
  segment_id text NOT NULL PRIMARY KEY,
  bytes blob NOT NULL,
  tombstones blob NOT NULL
);

CREATE TABLE knowledge_models (
  kind text NOT NULL PRIMARY KEY,
  model_id text NOT NULL,
  bytes blob NOT NULL,
  chunks bigint NOT NULL,
  trained_at timestamp NOT NULL
);

CREATE TABLE knowledge_state (
  id text NOT NULL PRIMARY KEY,
  change text NOT NULL,
  next_number bigint NOT NULL
);

INSERT INTO knowledge_state (id, change, next_number) VALUES ('index', 'empty', 1);

CREATE TABLE knowledge_collections (
  name text NOT NULL PRIMARY KEY
);
