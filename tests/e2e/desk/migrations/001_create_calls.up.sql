CREATE TABLE desk_calls (
  id uuid NOT NULL PRIMARY KEY,
  step text NOT NULL
);
