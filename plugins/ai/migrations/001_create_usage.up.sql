CREATE TABLE ai_usage (
  month text NOT NULL,
  kind text NOT NULL,
  model text NOT NULL,
  requests bigint NOT NULL,
  prompt_tokens bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  PRIMARY KEY (month, kind, model)
);

CREATE TABLE ai_reservations (
  id text NOT NULL PRIMARY KEY,
  tokens bigint NOT NULL,
  expires_at text NOT NULL
);
