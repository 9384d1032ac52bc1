// Grades of a school. A permission says what somebody may do at all; the relations between people
// say to which rows. Each rule stands once, as SQL over the row `g` and the caller $1, and is part
// of every statement that touches a grade: what a rule hides does not exist (404).
#include <serai/plugin.hpp>

namespace {

const std::string teaches =
    "EXISTS (SELECT 1 FROM gradebook_teachers t WHERE t.class = g.class AND t.teacher = $1)";
const std::string concerns =
    "(g.student = $1 OR " + teaches +
    " OR EXISTS (SELECT 1 FROM gradebook_parents p WHERE p.student = g.student AND p.parent = $1))";
const std::string grades =
    "SELECT g.id, g.class, g.student, g.mark, g.note, g.given_by, g.given_at "
    "FROM gradebook_grades g WHERE " +
    concerns;

}  // namespace

class Gradebook : public serai::Plugin {
 public:
  Gradebook() {
    route("set_class", &Gradebook::set_class);
    route("set_parents", &Gradebook::set_parents);
    route("list_grades", &Gradebook::list_grades);
    route("get_grade", &Gradebook::get_grade);
    route("give_grade", &Gradebook::give_grade);
    route("withdraw_grade", &Gradebook::withdraw_grade);
  }

 private:
  void set_class(serai::Request& request) {
    auto transaction = request.sql().transaction();
    const auto name = request.path("class");
    replace(request, "gradebook_teachers", "class", "teacher", name, "teachers");
    replace(request, "gradebook_students", "class", "student", name, "students");
    transaction.commit();
  }

  void set_parents(serai::Request& request) {
    auto transaction = request.sql().transaction();
    replace(request, "gradebook_parents", "student", "parent", request.path("student"), "parents");
    transaction.commit();
  }

  serai::Json list_grades(serai::Request& request) {
    const auto rows = request.sql().query(
        grades + " AND g.student = COALESCE($2, g.student) ORDER BY g.given_at, g.id",
        request.caller().user, request.find_query("student"));
    return serai::list(rows.json());
  }

  serai::Json get_grade(serai::Request& request) {
    const auto rows =
        request.sql().query(grades + " AND g.id = $2", request.caller().user, request.path("id"));
    return serai::data(rows.required("The grade").json());
  }

  serai::Response give_grade(serai::Request& request) {
    const std::string id = request.clock().uuid();
    const auto given = request.sql().execute(
        "INSERT INTO gradebook_grades (id, class, student, mark, note, given_by, given_at) "
        "SELECT $2, g.class, g.student, $5, $6, $1, $7 FROM gradebook_students g "
        "WHERE g.class = $3 AND g.student = $4 AND " +
            teaches,
        request.caller().user, id, request.field<std::string>("class"),
        request.field<std::string>("student"), request.field<int>("mark"),
        request.find_field<std::string>("note"), request.clock().now_text());
    if (given == 0) throw serai::not_found("The student in a class of yours");
    return serai::created({{"id", id}});
  }

  void withdraw_grade(serai::Request& request) {
    const auto gone =
        request.sql().execute("DELETE FROM gradebook_grades AS g WHERE g.id = $2 AND " + teaches,
                              request.caller().user, request.path("id"));
    if (gone == 0) throw serai::not_found("The grade");
  }

  // The rows of one `key` become those of the body's list.
  static void replace(serai::Request& request, const std::string& table, const std::string& key,
                      const std::string& value, std::string_view whose, std::string_view list) {
    const auto names = request.field<std::vector<std::string>>(list);
    serai::Batch batch;
    for (const auto& name : names) batch.add(whose, name);
    request.sql().execute("DELETE FROM " + table + " WHERE " + key + " = $1", whose);
    request.sql().execute_many(
        "INSERT INTO " + table + " (" + key + ", " + value + ") VALUES ($1, $2)", batch);
  }
};
SERAI_PLUGIN(Gradebook)
