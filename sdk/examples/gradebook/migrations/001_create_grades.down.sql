DROP TABLE gradebook_grades;
DROP TABLE gradebook_parents;
DROP TABLE gradebook_students;
DROP TABLE gradebook_teachers;
