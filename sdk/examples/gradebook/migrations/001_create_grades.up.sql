CREATE TABLE gradebook_teachers (
  class text NOT NULL,
  teacher text NOT NULL,
  PRIMARY KEY (class, teacher)
);
CREATE TABLE gradebook_students (
  class text NOT NULL,
  student text NOT NULL,
  PRIMARY KEY (class, student)
);
CREATE TABLE gradebook_parents (
  student text NOT NULL,
  parent text NOT NULL,
  PRIMARY KEY (student, parent)
);
CREATE TABLE gradebook_grades (
  id uuid PRIMARY KEY,
  class text NOT NULL,
  student text NOT NULL,
  mark bigint NOT NULL,
  note text,
  given_by text NOT NULL,
  given_at timestamp NOT NULL
);
CREATE INDEX gradebook_grades_student ON gradebook_grades (student);
CREATE INDEX gradebook_grades_class ON gradebook_grades (class);
