DROP TABLE desk_calls;
