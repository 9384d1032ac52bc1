DROP TABLE notebook_lines;
DROP TABLE notebook_pages;
