// Every host interface through a plugin that uses it rightly and wrongly.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "observe/metrics.hpp"
#include "plugins/outbound.hpp"
#include "plugins/stand_ins.hpp"
#include "support/imap_server.hpp"
#include "support/smtp_server.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::World;

class Interfaces : public ::testing::Test {
 protected:
  Interfaces() { world.load(); }
  std::string rows(const std::string& table = "alpha_notes") {
    const auto session = world.store->tenant(World::token());
    return std::to_string(session->query("SELECT id FROM " + table).size());
  }
  World world;
};

const std::string kInsert = "x INSERT INTO alpha_notes (id, body) VALUES ";

TEST_F(Interfaces, sql_reads_and_writes_the_plugins_tables) {
  EXPECT_EQ(world.run(kInsert + "('a', 'text of a')\nq SELECT body FROM alpha_notes"),
            "0\n0 1 rows text of a");
}

TEST_F(Interfaces, sql_maps_faults_to_statuses) {
  EXPECT_EQ(world.run(kInsert + "('a', 'b')\n" + kInsert + "('a', 'b')\nerror"), "0\n-6\n0 unique");
  EXPECT_EQ(world.run(kInsert + "('n', NULL)"), "-8");
  EXPECT_EQ(world.run("q SELECT nothing FROM"), "-2");
}

TEST_F(Interfaces, sql_refuses_what_is_not_reading_or_writing_rows) {
  for (const char* statement : {"COMMIT", "begin", " /* SELECT */ DROP TABLE alpha_notes",
                                "-- SELECT\nPRAGMA x", "ATTACH DATABASE 'x' AS y", "VACUUM", "",
                                "SELECTED", "REPLACE INTO alpha_notes VALUES (1,2)"})
    EXPECT_TRUE(world.run(std::string("x ") + statement).starts_with("-4")) << statement;
}

TEST_F(Interfaces, sql_commits_what_was_committed_and_no_more) {
  EXPECT_EQ(world.run("begin\n" + kInsert + "('a', 'b')\ncommit\nbegin\n" + kInsert + "('c', 'd')"),
            "0\n0\n0\n0\n0");
  EXPECT_EQ(rows(), "1");  // what was open at the end was rolled back
}

TEST_F(Interfaces, sql_nests_transactions_by_savepoints) {
  EXPECT_EQ(world.run("begin\n" + kInsert + "('a', 'b')\nbegin\n" + kInsert +
                      "('c', 'd')\nrollback\ncommit"),
            "0\n0\n0\n0\n0\n0");
  EXPECT_EQ(rows(), "1");
}

TEST_F(Interfaces, sql_refuses_to_end_a_transaction_that_is_not_open) {
  EXPECT_EQ(world.run("commit\nerror\nrollback"), "-6\n0 no_transaction\n-6");
}

TEST_F(Interfaces, sql_writes_many_rows_or_none) {
  EXPECT_EQ(world.run("many INSERT INTO alpha_notes (id, body) VALUES ($1, 'b')"), "-6");
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(
      world.run("begin\n" + kInsert +
                "('z', 'b')\nmany INSERT INTO alpha_notes (id, body) VALUES ($1, 'b')\ncommit"),
      "0\n0\n-6\n0");
  EXPECT_EQ(rows(), "1");
}

TEST_F(Interfaces, sql_rolls_back_when_the_handler_fails) {
  EXPECT_TRUE(world.run("begin\n" + kInsert + "('a', 'b')\nfail 6").starts_with("409"));
  EXPECT_EQ(rows(), "0");
}

TEST_F(Interfaces, jobs_join_the_transaction_and_wake_the_queue_after_the_outermost_commit) {
  EXPECT_EQ(world.run("job work {}"), "0 job-1");
  EXPECT_TRUE(world.queue.in_transaction);
  EXPECT_EQ(world.queue.commits, 1);
  EXPECT_EQ(world.run("begin\njob work {}\nbegin\npublish alpha.done {}\ncommit"),
            "0\n0 job-2\n0\n0\n0");
  EXPECT_EQ(world.queue.commits, 1);  // the outermost was never committed
  EXPECT_EQ(world.run("begin\njob work {}\nbegin\ncommit\ncommit"), "0\n0 job-3\n0\n0\n0");
  EXPECT_EQ(world.queue.commits, 2);
  EXPECT_EQ(world.queue.jobs[0].first, "lagoon");
  EXPECT_EQ(world.queue.jobs[0].second.max_attempts, 3);
  EXPECT_EQ(world.queue.jobs[0].second.timeout, std::chrono::seconds(60));
}

TEST_F(Interfaces, jobs_and_events_must_be_declared) {
  EXPECT_EQ(world.run("job other {}\npublish alpha.other {}"), "-2\n-4");
  EXPECT_TRUE(world.queue.jobs.empty());
  EXPECT_TRUE(world.queue.events.empty());
  EXPECT_EQ(world.run("publish alpha.done {\"a\":1}"), "0");
  EXPECT_EQ(world.queue.events, std::vector<std::string>{"lagoon alpha alpha.done {\"a\":1}"});
}

TEST_F(Interfaces, config_puts_the_tenant_over_the_profile_over_the_manifest) {
  EXPECT_EQ(world.run("config.get top_k\nconfig.get nothing\nconfig.get api_key"), "0 5\n-5\n-5");
  world.set_plugins("lagoon", {{"alpha", {{"settings", {{"top_k", 7}, {"base_url", 3}}}}}});
  EXPECT_EQ(world.run("config.get top_k\nconfig.get base_url"), "0 7\n0 \"\"");
  EXPECT_EQ(world.run("config.get top_k", World::token("reef")), "0 5");
  EXPECT_EQ(world.run("config.all"), R"(0 {"base_url":"","top_k":7})");
}

TEST_F(Interfaces, config_sets_the_tenants_own_value_and_checks_it) {
  EXPECT_EQ(
      world.run("config.set top_k 9\nconfig.get top_k\nconfig.set top_k 99\nconfig.set nothing 1\n"
                "config.set top_k nonsense\nconfig.set api_key \"x\""),
      "0\n0 9\n-8\n-5\n-2\n-8");
  EXPECT_EQ(world.tenants->find("lagoon")->plugins["alpha"]["settings"]["top_k"], 9);
  EXPECT_EQ(world.run("config.get top_k", World::token("reef")), "0 5");
}

TEST_F(Interfaces, kv_gives_back_what_was_put) {
  EXPECT_EQ(world.run("kv.get k\nkv.put k value of k\nkv.get k\nkv.put  x"),
            "-5\n0\n0 value of k\n-2");
}

TEST_F(Interfaces, kv_forgets_what_a_transaction_put_there_when_it_ends) {
  EXPECT_EQ(world.run("kv.put before 1\nbegin\nkv.put k 1\nkv.get k\nbegin\nkv.put l 1\ncommit\n"
                      "kv.get l\ncommit\nkv.get k\nkv.get l\nkv.get before\nkv.put after 1"),
            "0\n0\n0\n0 1\n0\n0\n0\n0 1\n0\n-5\n-5\n0 1\n0");
  EXPECT_EQ(world.run("kv.get after\nbegin\nkv.put after 2\nrollback\nkv.get after"),
            "0 1\n0\n0\n0\n-5");
  world.run("begin\nkv.put k 1\nkv.put l 1");  // rolled back when the call ends
  EXPECT_EQ(world.run("kv.get k\nkv.get l\nkv.get before"), "-5\n-5\n0 1");
}

TEST_F(Interfaces, kv_bounds_what_one_transaction_puts) {
  std::string script = "begin";
  for (int i = 0; i < 1001; ++i) script += "\nkv.put k" + std::to_string(i) + " 1";
  const auto answers = world.run(script);
  EXPECT_TRUE(answers.ends_with("0\n-7")) << answers;
  EXPECT_EQ(world.run("kv.put k1001 1"), "0");
}

TEST_F(Interfaces, secrets_of_the_operator_stand_behind_the_tenants) {
  EXPECT_EQ(world.run("secret.get api_key"), "-5");
  world.secrets->put(World::token().through("alpha"), "api_key", "own");
  EXPECT_EQ(world.run("secret.get api_key"), "0 own");
  EXPECT_EQ(world.run("secret.get api_key", World::token("reef")), "-5");
}

TEST(InterfacesOfAProfile, give_its_secrets_to_declared_secret_settings_only) {
  RegistryOptions options = World::alpha_and_beta();
  options.profile_secret = [](const std::string& plugin, const std::string& name) {
    return std::optional<std::string>(plugin + "/" + name);
  };
  World world(options);
  world.load();
  EXPECT_EQ(world.run("secret.get api_key\nsecret.get top_k"), "0 alpha/api_key\n-5");
}

TEST_F(Interfaces, metrics_count_what_is_declared) {
  auto& counter = observe::metrics().counter("serai_plugin_alpha_things_total", "Things");
  const auto before = counter.value();
  EXPECT_EQ(world.run("metric things_total\nmetric others_total"), "0\n-2");
  EXPECT_EQ(counter.value(), before + 2);
}

TEST_F(Interfaces, meter_writes_to_the_tenants_ledger) {
  EXPECT_EQ(world.run("meter ai.tokens\nmeter ai.tokens"), "0\n0");
  const auto session = world.store->tenant(World::token());
  const auto ledger = session->query("SELECT plugin, unit, quantity, user_id FROM plugins_usage");
  ASSERT_EQ(ledger.size(), 2u);
  EXPECT_EQ(ledger.text(0, "plugin"), "alpha");
  EXPECT_EQ(ledger.text(0, "unit"), "ai.tokens");
  EXPECT_EQ(ledger.integer(0, "quantity"), 7);
  EXPECT_EQ(ledger.text(0, "user_id"), "user-1");
}

TEST_F(Interfaces, log_lines_carry_the_calls_own_tenant) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(world.run("log hello"), "0");
  const std::string lines = ::testing::internal::GetCapturedStderr();
  const auto line = nlohmann::json::parse(lines);
  EXPECT_EQ(line["message"], "hello");
  EXPECT_EQ(line["tenant"], "lagoon");
  EXPECT_EQ(line["plugin"], "alpha");
  EXPECT_EQ(line["fields"]["tenant"], "forged");
}

TEST(InterfacesOfATalker, drop_log_lines_over_the_rate) {
  RegistryOptions options = World::alpha_and_beta();
  options.log_lines_per_second = 1;
  World world(options);
  world.load();
  auto& dropped = observe::metrics().counter("serai_plugin_dropped_log_lines_total",
                                             "Log lines dropped because the plugin wrote too many.",
                                             {{"plugin", "alpha"}});
  const auto before = dropped.value();
  std::string script = "log x";
  for (int i = 0; i < 200; ++i) script += "\nlog x";
  ::testing::internal::CaptureStderr();
  world.run(script);
  ::testing::internal::GetCapturedStderr();
  EXPECT_GT(dropped.value(), before);
}

TEST_F(Interfaces, allows_asks_the_callers_permissions) {
  EXPECT_EQ(world.run("allows alpha.use\nallows alpha.other"), "1\n0");
}

TEST_F(Interfaces, smtp_hands_mail_to_declared_servers) {
  serai_test::SmtpServer server;
  auto options = World::alpha_and_beta();
  options.outbound.authorities = server.authority();
  World relayed(std::move(options));
  relayed.load();
  relayed.set_plugins("lagoon", {{"alpha", {{"settings", {{"base_url", server.url()}}}}}});
  const auto login = " " + server.user() + " " + server.password();
  EXPECT_EQ(relayed.run("submit " + server.url() + " anna@example.com" + login),
            "0 0 at 4: 250 OK: message queued");
  EXPECT_EQ(server.next()["from"], "probe@example.com");
  EXPECT_EQ(relayed.run("submit " + server.url() + " nobody@example.com" + login),
            "0 1 at 3: 550 5.1.1 There is nobody here by that name");
  EXPECT_EQ(relayed.run("submit " + server.url() + " no-address" + login + "\nerror"),
            "-2\n0 bad_request");
  EXPECT_EQ(relayed.run("submit smtp://mail.example.com anna@example.com\nerror"),
            "-4\n0 host_not_allowed");
  EXPECT_EQ(relayed.run("submit " + server.url() + " anna@example.com" + login + "\nerror",
                        World::token("reef")),
            "-4\n0 host_not_allowed")
      << "it is the other tenant's setting";
}

TEST_F(Interfaces, imap_reads_mailboxes_of_declared_servers) {
  serai_test::ImapServer server;
  for (const char* subject : {"one", "two", "three"})
    server.append("anna", std::string("Subject: ") + subject + "\r\n\r\n");
  auto options = World::alpha_and_beta();
  options.outbound.authorities = server.authority();
  World reading(std::move(options));
  reading.load();
  // A setting may name several.
  const auto hosts = "mail.example.com, " + server.url();
  reading.set_plugins("lagoon", {{"alpha", {{"settings", {{"base_url", hosts}}}}}});
  const auto read = "read_mail " + server.url();
  const auto login = " anna " + server.password();
  EXPECT_EQ(reading.run(read + " INBOX 1 0" + login),
            "0 0 next 4 to 2 more 1: 1/0/16=Subject: one\r\n\r\n 2/0/16=Subject: two\r\n\r\n ");
  EXPECT_EQ(reading.run(read + " INBOX 0 5" + login), "0 0 next 4 to 2 more 1: 1/1/16= 2/1/16= ");
  EXPECT_TRUE(reading.run(read + " Nowhere 0 0" + login)
                  .starts_with("0 2 next 0 to 0 more 0: NO Mailbox doesn't exist"));
  EXPECT_TRUE(reading.run(read + " INBOX 0 0 anna another")
                  .starts_with("0 1 next 0 to 0 more 0: NO [AUTHENTICATIONFAILED]"));
  EXPECT_EQ(reading.run(read + " a\x01 0 0" + login + "\nerror"), "-2\n0 bad_request");
  EXPECT_EQ(reading.run("read_mail imap://imap.example.com INBOX 0 0 a b\nerror"),
            "-4\n0 host_not_allowed");
  EXPECT_EQ(reading.run(read + " INBOX 0 0" + login + "\nerror", World::token("reef")),
            "-4\n0 host_not_allowed")
      << "it is the other tenant's setting";
}

TEST_F(Interfaces, smtp_reaches_nobody_where_a_stand_in_answers) {
  std::vector<std::string> handed_over;
  World apart;
  put_in_place(*apart.registry, {nullptr, nullptr,
                                 [&](const Submission& mail) {
                                   handed_over.push_back(mail.recipients.front());
                                   return SubmissionReply{0, 250, 4, "Stood in"};
                                 },
                                 [](const MailboxQuery&) {
                                   MailboxAnswer answer;
                                   answer.uid_next = 9;
                                   return answer;
                                 }});
  apart.load();
  const std::string server = "smtp://mail.invalid:587";
  apart.set_plugins("lagoon", {{"alpha", {{"settings", {{"base_url", server}}}}}});
  EXPECT_EQ(apart.run("submit " + server + " anna@example.com"), "0 0 at 4: 250 Stood in");
  EXPECT_EQ(apart.run("submit smtp://other.invalid anna@example.com"), "-4");
  EXPECT_EQ(apart.run("read_mail imap://mail.invalid:587 INBOX 0 0 a b"),
            "0 0 next 9 to 0 more 0: ");
  EXPECT_EQ(handed_over, std::vector<std::string>{"anna@example.com"});
}

TEST_F(Interfaces, links_name_tenant_and_subject_for_one_handler) {
  const auto made = world.run("link linked 0 note-1");
  ASSERT_TRUE(made.starts_with("0 https://serai.test/api/v1/alpha/linked/")) << made;
  const auto link_in = [](const std::string& answer) {
    return answer.substr(answer.rfind('/') + 1);
  };
  const auto opened = world.links.open("alpha", "linked", link_in(made));
  EXPECT_EQ(opened.tenant, "lagoon");
  EXPECT_EQ(opened.subject, "note-1");
  EXPECT_THROW(world.links.open("alpha", "run", link_in(made)), Problem);
  const auto theirs = world.run("link linked 0 note-1", World::token("reef"));
  EXPECT_EQ(world.links.open("alpha", "linked", link_in(theirs)).tenant, "reef");
  for (const char* script : {"link run 0 note-1", "link unknown 0 note-1"})
    EXPECT_EQ(world.run(std::string(script) + "\nerror"), "-2\n0 bad_request") << script;
  EXPECT_EQ(world.run("link linked 0 \nerror"), "-2\n0 subject_invalid");
}

}  // namespace
}  // namespace host::plugins
