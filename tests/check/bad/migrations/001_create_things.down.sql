DROP TABLE bad_things;
