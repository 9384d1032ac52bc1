DROP TABLE beta_notes;
