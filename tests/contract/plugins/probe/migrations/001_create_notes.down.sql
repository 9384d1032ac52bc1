DROP TABLE alpha_notes;
