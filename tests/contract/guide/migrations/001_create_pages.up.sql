CREATE TABLE notebook_pages (
  id uuid PRIMARY KEY,
  author text NOT NULL,
  title text NOT NULL,
  locked_at timestamp
);
CREATE TABLE notebook_lines (
  page uuid NOT NULL,
  number bigint NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (page, number)
);
