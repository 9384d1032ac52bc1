// CSV in and out: all of a file or nothing of it.
#include "crm_fixture.hpp"

namespace crm_test {
namespace {

class Transfer : public Crm {
 protected:
  Reply import(const std::string& csv, bool update = false) {
    return host.post_form(kCrm + "/imports", {{"update", update ? "true" : "false"},
                                              {"file", csv, "clients.csv", "text/csv"}});
  }
  // Taken in and through its job.
  Json imported(const std::string& csv, bool update = false) {
    const Json accepted = data(import(csv, update));
    host.run_jobs();
    return data(host.get(kCrm + "/imports/" + accepted.value("id", "none")));
  }
  std::string exported() {
    const auto reply = host.get(kCrm + "/export");
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.header("content-type"), HasSubstr("text/csv"));
    return reply.body;
  }
};

TEST_F(Transfer, a_file_of_a_spreadsheet_is_read) {
  const Json done = imported(
      "\xEF\xBB\xBF"
      "E-Mail;Full Name;Phone;Stage;Shoe size\r\n"
      "Anna@example.com;\"Berg; Anna\";+27 82 555 0101;BOOKED;38\r\n"
      "bob@example.com;Bob;;;\r\n");
  EXPECT_EQ(done["state"], "done");
  EXPECT_EQ(done["added"], 2);
  const Json anna = show("anna@example.com");
  EXPECT_EQ(anna["name"], "Berg; Anna");
  EXPECT_EQ(anna["pipeline_stage"], "BOOKED");
  EXPECT_EQ(anna["source"], "import");
  EXPECT_EQ(history(anna)[0]["cause"], "imported");
  EXPECT_EQ(found("5550101"), Names{"Berg; Anna"});
  EXPECT_EQ(events(), Names{"crm.clients.imported"}) << "one, not one for each";
  EXPECT_EQ(host.blob_count(), 0);
  const Json columns = data(import("email,name,size\n"));
  EXPECT_EQ(columns["columns"], Json::array({"email", "name"}));
  EXPECT_EQ(columns["ignored_columns"], Json::array({"size"}));
}

TEST_F(Transfer, a_bad_row_is_named_and_nothing_is_imported) {
  const auto reply = import(
      "email,name,pipeline_stage\n"
      "good@example.com,Good One,PAID\n"
      "bad,Bad One,\n"
      "\"two@example.com\",\"Two\nLines\",SOMEWHERE\n"
      "GOOD@example.com,Again,\n"
      "short@example.com\n"
      "bytes@example.com,\xff\xfe,\n");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.code(), "invalid_rows");
  const Json errors = reply.json()["errors"];
  Names where;
  for (const Json& error : errors) where.push_back(error["pointer"]);
  EXPECT_THAT(where, ElementsAre("/line/3/email", "/line/4/pipeline_stage", "/line/6/email",
                                 "/line/7", "/line/8"));
  EXPECT_THAT(errors[2]["detail"].get<std::string>(), HasSubstr("Line 2"));
  host.run_jobs();
  EXPECT_EQ(count("crm_clients") + count("crm_imports"), 0);
  EXPECT_EQ(host.blob_count(), 0);
  EXPECT_EQ(import("name\nAnna\n").status, 422);
  EXPECT_EQ(import("").status, 422);
  EXPECT_EQ(import("email,name,e-mail\n").status, 422);
}

TEST_F(Transfer, known_clients_change_only_when_asked) {
  const Json anna = add("anna@example.com", "Anna", {{"phone", "111222333"}});
  const std::string csv = "email,name,phone\nANNA@example.com,Anna Berg,\nbob@example.com,Bob,\n";
  Json done = imported(csv);
  EXPECT_EQ(done["added"], 1);
  EXPECT_EQ(done["unchanged"], 1);
  EXPECT_EQ(show(id(anna))["name"], "Anna");
  done = imported(csv, true);
  EXPECT_EQ(done["added"], 0);
  EXPECT_EQ(done["changed"], 1);
  EXPECT_EQ(done["unchanged"], 1);
  EXPECT_EQ(show(id(anna))["name"], "Anna Berg");
  EXPECT_EQ(show(id(anna))["phone"], "111222333") << "an empty cell says nothing";
}

TEST_F(Transfer, a_failing_import_leaves_nothing_and_is_tried_again) {
  std::string csv = "email,name\n";
  for (int i = 0; i < 700; ++i)
    csv += "guest" + std::to_string(i) + "@example.com,Guest " + std::to_string(i) + "\n";
  host.sql(
      "CREATE TRIGGER crm_stop BEFORE INSERT ON crm_clients WHEN NEW.email = "
      "'guest650@example.com' BEGIN SELECT RAISE(ABORT, 'stopped'); END");
  const std::string import_id = data(import(csv))["id"];
  host.run_jobs();
  EXPECT_EQ(count("crm_clients"), 0) << "not even the first hundreds";
  EXPECT_EQ(data(host.get(kCrm + "/imports/" + import_id))["state"], "queued");
  host.sql("DROP TRIGGER crm_stop");
  host.advance(std::chrono::hours(1));
  const auto before = host.sql_statements();
  host.run_jobs();
  EXPECT_LT(host.sql_statements() - before, 150) << "many rows a statement";
  EXPECT_EQ(data(host.get(kCrm + "/imports/" + import_id))["added"], 700);
  EXPECT_EQ(count("crm_clients"), 700);
  host.run_job("import", {{"import_id", import_id}});
  EXPECT_EQ(count("crm_clients"), 700) << "twice is once";
}

TEST_F(Transfer, what_goes_out_comes_in_again) {
  quote(add("anna@example.com", "=HYPERLINK(1)", {{"notes", "a \"b\"\nc"}, {"phone", "+27 82"}}),
        "QT-1", 12345);
  add("jose@example.com", "José, Núñez", {{"consultant_id", "u1"}});
  const std::string csv = exported();
  EXPECT_THAT(csv, HasSubstr("'=HYPERLINK"));
  EXPECT_THAT(csv, HasSubstr(",123.45,ZAR,"));
  EXPECT_THAT(csv, HasSubstr(",+27 82,"));
  host.advance(std::chrono::hours(2));
  host.run_jobs();
  EXPECT_EQ(host.blob_count(), 0) << "the file is gone";
  host.tenant("other");
  be("alice");
  EXPECT_EQ(imported(csv)["added"], 2);
  EXPECT_EQ(show("anna@example.com")["name"], "=HYPERLINK(1)");
  EXPECT_EQ(show("anna@example.com")["notes"], "a \"b\"\nc");
  EXPECT_EQ(show("jose@example.com")["consultant_id"], "u1");
  EXPECT_EQ(host.get(kCrm + "/imports/nothing").status, 404);
}

TEST_F(Transfer, an_import_that_never_runs_well_is_given_up_with_its_file) {
  host.sql(
      "CREATE TRIGGER crm_stop BEFORE INSERT ON crm_clients BEGIN SELECT RAISE(ABORT, 'stopped'); "
      "END");
  const std::string import_id = data(import("email,name\nanna@example.com,Anna\n"))["id"];
  for (int hour = 0; hour < 48; ++hour) {
    host.run_jobs();
    host.advance(std::chrono::hours(1));
  }
  EXPECT_EQ(data(host.get(kCrm + "/imports/" + import_id))["state"], "failed");
  std::string errors;
  for (const auto& job : host.jobs())
    errors += job.kind + " " + job.state + " " + job.last_error + "; ";
  EXPECT_EQ(host.blob_count(), 0) << errors;
  host.sql("DROP TRIGGER crm_stop");
}

TEST_F(Transfer, needs_its_permission) {
  host.as_user("carl", {"crm.read", "crm.write"});
  EXPECT_EQ(host.get(kCrm + "/export").status, 403);
  EXPECT_EQ(import("email,name\n").status, 403);
}

}  // namespace
}  // namespace crm_test
