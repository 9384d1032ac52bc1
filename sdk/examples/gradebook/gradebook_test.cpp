// Two classes, two teachers, two families. Every test asks for what is not one's own.
#include <set>

#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace {

class Gradebook : public ::testing::Test {
 protected:
  Gradebook() {
    as("head", {"gradebook.administer"});
    put("classes/maths", {{"teachers", {"euler"}}, {"students", {"ann", "ben"}}});
    put("classes/music", {{"teachers", {"clara"}}, {"students", {"ben"}}});
    put("students/ann/parents", {{"parents", {"alma"}}});
    put("students/ben/parents", {{"parents", {"boris", "bella"}}});
    ann_maths = give("euler", "maths", "ann", 1);
    ben_maths = give("euler", "maths", "ben", 3);
    ben_music = give("clara", "music", "ben", 2);
  }

  void as(const std::string& user, std::vector<std::string> permissions = {"gradebook.read"}) {
    host.as_user(user, std::move(permissions));
  }
  void as_teacher(const std::string& user) { as(user, {"gradebook.read", "gradebook.grade"}); }
  void put(const std::string& what, const serai::Json& body) {
    const auto reply = host.put("/api/v1/gradebook/" + what, body);
    EXPECT_EQ(reply.status, 204) << reply.body;
  }
  serai::testing::Reply try_to_give(const std::string& course, const std::string& student) {
    return host.post("/api/v1/gradebook/grades",
                     {{"class", course}, {"student", student}, {"mark", 1}});
  }
  std::string give(const std::string& teacher, const std::string& course,
                   const std::string& student, int mark) {
    as_teacher(teacher);
    const auto reply = host.post("/api/v1/gradebook/grades",
                                 {{"class", course}, {"student", student}, {"mark", mark}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.json()["data"]["id"];
  }
  std::set<std::string> listed(const std::string& query = "") {
    std::set<std::string> ids;
    const auto answer = host.get("/api/v1/gradebook/grades" + query).json();
    for (const auto& grade : answer["data"]) ids.insert(grade["id"]);
    return ids;
  }
  // By the list and one by one: both ways must agree.
  void expect_sees(const std::string& user, const std::set<std::string>& grades) {
    as(user);
    EXPECT_EQ(listed(), grades) << user;
    for (const auto& id : {ann_maths, ben_maths, ben_music}) {
      EXPECT_EQ(host.get("/api/v1/gradebook/grades/" + id).status, grades.contains(id) ? 200 : 404)
          << user;
    }
  }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
  std::string ann_maths, ben_maths, ben_music;
};

TEST_F(Gradebook, shows_a_student_his_own) {
  expect_sees("ann", {ann_maths});
  expect_sees("ben", {ben_maths, ben_music});
}

TEST_F(Gradebook, shows_a_parent_the_children) {
  expect_sees("alma", {ann_maths});
  expect_sees("bella", {ben_maths, ben_music});
  EXPECT_EQ(listed("?student=ann"), std::set<std::string>());
}

TEST_F(Gradebook, shows_a_teacher_the_classes) {
  expect_sees("euler", {ann_maths, ben_maths});
  expect_sees("clara", {ben_music});
}

TEST_F(Gradebook, shows_nothing_to_everybody_else) {
  expect_sees("head", {});
  expect_sees("stranger", {});
  host.tenant("another-school");
  expect_sees("ben", {});
}

TEST_F(Gradebook, lets_a_teacher_grade_only_students_of_the_own_class) {
  as_teacher("clara");
  EXPECT_EQ(try_to_give("maths", "ben").status, 404);
  EXPECT_EQ(try_to_give("music", "ann").status, 404);
  EXPECT_EQ(host.del("/api/v1/gradebook/grades/" + ben_maths).status, 404);
  EXPECT_EQ(host.del("/api/v1/gradebook/grades/" + ben_music).status, 204);
  expect_sees("ben", {ben_maths});
}

TEST_F(Gradebook, lets_nobody_else_grade_or_administer) {
  for (const auto* user : {"ben", "boris"}) {
    as(user);
    EXPECT_EQ(try_to_give("maths", "ben").status, 403);
    EXPECT_EQ(host.del("/api/v1/gradebook/grades/" + ben_maths).status, 403);
    EXPECT_EQ(host.put("/api/v1/gradebook/students/ann/parents", {{"parents", {user}}}).status,
              403);
  }
  // The permission alone does not do it: the student is in no class of his.
  as_teacher("ben");
  EXPECT_EQ(try_to_give("maths", "ben").status, 404);
}

TEST_F(Gradebook, follows_the_relations_when_they_change) {
  as("head", {"gradebook.administer"});
  put("students/ben/parents", {{"parents", {"bella"}}});
  put("classes/maths", {{"teachers", {"clara"}}, {"students", {"ben"}}});
  expect_sees("boris", {});
  expect_sees("euler", {});
  expect_sees("clara", {ann_maths, ben_maths, ben_music});
}

}  // namespace
