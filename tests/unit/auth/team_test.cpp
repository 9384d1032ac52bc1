// The team, invitations, roles, second factor, API keys, and what is left when a tenant goes.
#include <fstream>
#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "unit/auth/house.hpp"

namespace {

using namespace host;
using house::House;
using house::problem_of;

struct Team : ::testing::Test {
  Team() {
    admin = house.add_user("blue", "admin@blue.example", "admin");
    consultant = house.add_user("blue", "con@blue.example");
    stranger = house.add_user("green", "ann@green.example", "admin");
  }
  CallToken as(const std::string& email) { return house.token(house.login(email).tokens.access); }
  auth::Team& team() { return house.auth->team(); }
  std::string accept(const std::string& token, const std::string& password = House::kPassword) {
    return problem_of([&] { team().accept(token, password, "New", House::kCaller); });
  }
  House house;
  auth::User admin, consultant, stranger;
};

TEST_F(Team, another_tenants_user_is_simply_unknown) {
  const auto token = as("admin@blue.example");
  const auto users = team().users(token);
  ASSERT_EQ(users.size(), 2U);
  for (const auto& user : users) EXPECT_EQ(user.tenant, "blue");
  const auto& id = stranger.id;
  EXPECT_EQ(problem_of([&] { team().user(token, id); }), "404 not_found");
  EXPECT_EQ(problem_of([&] { team().update(token, id, "Mallory", "consultant", House::kCaller); }),
            "404 not_found");
  EXPECT_EQ(problem_of([&] { team().deactivate(token, id, House::kCaller); }), "404 not_found");
  EXPECT_EQ(house.login("ann@green.example").user.name, stranger.name);
}

TEST_F(Team, another_tenants_invitation_is_simply_unknown) {
  const auto invitation = team().invite(as("ann@green.example"), "new@green.example", "New",
                                        "consultant", House::kCaller);
  const auto token = as("admin@blue.example");
  EXPECT_TRUE(team().invitations(token).empty());
  EXPECT_EQ(problem_of([&] { team().cancel(token, invitation.id, House::kCaller); }),
            "404 not_found");
  EXPECT_EQ(problem_of([&] { team().resend(token, invitation.id, House::kCaller); }),
            "404 not_found");
  EXPECT_EQ(accept(house.mailer.last_token()), "");
}

TEST_F(Team, nobody_demotes_or_deactivates_himself) {
  const auto token = as("admin@blue.example");
  EXPECT_EQ(problem_of([&] {
              team().update(token, admin.id, std::nullopt, "consultant", House::kCaller);
            }),
            "409 own_role");
  EXPECT_EQ(problem_of([&] { team().deactivate(token, admin.id, House::kCaller); }),
            "409 own_account");
  EXPECT_EQ(team().update(token, admin.id, "My new name", "admin", House::kCaller).name,
            "My new name");
}

TEST_F(Team, nobody_gives_or_touches_what_is_above_him) {
  house.add_user("blue", "owner@blue.example", "owner");
  const auto owner = house.login("owner@blue.example").user;
  const auto token = as("admin@blue.example");
  EXPECT_EQ(problem_of([&] {
              team().update(token, consultant.id, std::nullopt, "owner", House::kCaller);
            }),
            "403 role_too_high");
  EXPECT_EQ(
      problem_of([&] { team().invite(token, "x@blue.example", "", "owner", House::kCaller); }),
      "403 role_too_high");
  EXPECT_EQ(problem_of([&] { team().deactivate(token, owner.id, House::kCaller); }),
            "403 role_too_high");
  EXPECT_EQ(problem_of([&] {
              team().update(token, owner.id, std::nullopt, "consultant", House::kCaller);
            }),
            "403 role_too_high");
  EXPECT_EQ(problem_of([&] {
              team().update(as("owner@blue.example"), admin.id, std::nullopt, "consultant",
                            House::kCaller);
            }),
            "");
}

TEST_F(Team, an_unknown_role_is_refused) {
  EXPECT_EQ(problem_of([&] {
              team().update(as("admin@blue.example"), consultant.id, std::nullopt, "emperor",
                            House::kCaller);
            }),
            "422 validation_failed");
}

TEST_F(Team, an_invitation_works_once) {
  const auto invitation = team().invite(as("admin@blue.example"), "New@Blue.example", "New",
                                        "consultant", House::kCaller);
  EXPECT_EQ(invitation.email, "new@blue.example");
  const auto link = house.mailer.last_token();
  EXPECT_EQ(link.size(), 64U);  // 48 bytes
  EXPECT_EQ(team().invitations(house.inside("blue")).size(), 1U);
  EXPECT_EQ(accept(link), "");
  EXPECT_EQ(house.login("new@blue.example").user.role, "consultant");
  EXPECT_EQ(accept(link), "400 invalid_invitation");
  EXPECT_TRUE(team().invitations(house.inside("blue")).empty());
}

TEST_F(Team, an_invitation_expires_after_two_days) {
  const auto token = as("admin@blue.example");
  team().invite(token, "new@blue.example", "", "consultant", House::kCaller);
  house.pass(std::chrono::hours(48));
  EXPECT_EQ(accept(house.mailer.last_token()), "400 invalid_invitation");
  EXPECT_TRUE(team().invitations(token).empty());
}

TEST_F(Team, a_cancelled_or_resent_invitation_kills_the_old_link) {
  const auto token = as("admin@blue.example");
  const auto first = team().invite(token, "new@blue.example", "", "consultant", House::kCaller);
  const auto old_link = house.mailer.last_token();
  const auto second = team().resend(token, first.id, House::kCaller);
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(accept(old_link), "400 invalid_invitation");
  team().cancel(token, second.id, House::kCaller);
  EXPECT_EQ(accept(house.mailer.last_token()), "400 invalid_invitation");
  EXPECT_EQ(problem_of([&] { team().cancel(token, second.id, House::kCaller); }), "404 not_found");
}

TEST_F(Team, who_is_there_already_or_invited_is_not_invited_again) {
  const auto token = as("admin@blue.example");
  const auto invite = [&](const char* email) {
    return problem_of([&] { team().invite(token, email, "", "consultant", House::kCaller); });
  };
  EXPECT_EQ(invite("con@blue.example"), "409 user_exists");
  EXPECT_EQ(invite("ann@green.example"), "");  // is of another tenant; nobody learns it here
  EXPECT_EQ(invite("ann@green.example"), "409 invited_already");
  EXPECT_EQ(invite("no address"), "422 validation_failed");
  EXPECT_EQ(invite("a@b\r\nBcc: c@d"), "422 validation_failed");
}

TEST_F(Team, a_link_with_a_weak_password_stays_good) {
  team().invite(as("admin@blue.example"), "new@blue.example", "", "consultant", House::kCaller);
  const auto link = house.mailer.last_token();
  EXPECT_EQ(accept(link, "short"), "422 validation_failed");
  EXPECT_EQ(accept(link), "");
}

TEST_F(Team, guessing_invitations_costs_no_hashing) {
  const auto before = house.auth->password_hashings();
  EXPECT_EQ(accept(random_token(48)), "400 invalid_invitation");
  EXPECT_EQ(house.auth->password_hashings(), before);
}

TEST_F(Team, an_invitation_of_a_suspended_tenant_waits) {
  team().invite(as("admin@blue.example"), "new@blue.example", "", "consultant", House::kCaller);
  house.tenants->suspend(house.admin(), "blue", "not paid");
  EXPECT_EQ(accept(house.mailer.last_token()), "403 tenant_suspended");
}

TEST_F(Team, a_deactivated_user_comes_back_by_invitation_without_his_old_sessions) {
  const auto old = house.login("con@blue.example");
  const auto token = as("admin@blue.example");
  team().deactivate(token, consultant.id, House::kCaller);
  team().invite(token, "con@blue.example", "", "consultant", House::kCaller);
  EXPECT_EQ(accept(house.mailer.last_token(), "a wholly new password"), "");
  EXPECT_EQ(problem_of([&] { house.token(old.tokens.access); }), "401 session_ended");
  EXPECT_EQ(house.login("con@blue.example", "", "a wholly new password").user.id, consultant.id);
}

TEST_F(Team, plugins_bring_permissions_for_the_roles_they_name) {
  auto& roles = house.auth->roles();
  roles.set_plugin_permissions(
      "crm",
      {{"crm.read", {"admin", "consultant"}}, {"crm.delete", {"admin"}}, {"*", {"consultant"}}});
  EXPECT_TRUE(as("con@blue.example").allows("crm.read"));
  EXPECT_FALSE(as("con@blue.example").allows("crm.delete"));
  EXPECT_FALSE(as("con@blue.example").allows("anything"));
  EXPECT_TRUE(as("admin@blue.example").allows("crm.delete"));
  roles.set_plugin_permissions("crm", {});
  EXPECT_FALSE(as("admin@blue.example").allows("crm.read"));
}

TEST_F(Team, a_tenants_own_role_counts_there_and_nowhere_else) {
  auto& roles = house.auth->roles();
  const auto token = as("admin@blue.example");
  roles.define(token, "auditor", {"audit.read"});
  team().update(token, consultant.id, std::nullopt, "auditor", House::kCaller);
  EXPECT_TRUE(as("con@blue.example").allows("audit.read"));
  EXPECT_FALSE(roles.exists("green", "auditor"));
  EXPECT_EQ(problem_of([&] { roles.remove(token, "auditor"); }), "409 role_in_use");
  roles.define(token, "auditor", {});
  EXPECT_FALSE(as("con@blue.example").allows("audit.read"));
  EXPECT_EQ(problem_of([&] { roles.define(token, "admin", {}); }), "422 validation_failed");
  EXPECT_EQ(problem_of([&] { roles.define(token, "god", {"*"}); }), "422 validation_failed");
  EXPECT_EQ(problem_of([&] { roles.define(as("con@blue.example"), "more", {"audit.read"}); }),
            "403 role_too_high");
}

TEST_F(Team, an_api_key_does_what_its_scopes_and_its_maker_allow) {
  auto& keys = house.auth->api_keys();
  const auto token = as("admin@blue.example");
  const auto created = keys.create(token, "robot", {"audit.read"}, 30, House::kCaller);
  EXPECT_TRUE(created.secret.starts_with("serai_"));
  const auto robot = house.token(created.secret);
  EXPECT_EQ(robot.tenant(), "blue");
  EXPECT_TRUE(robot.allows("audit.read"));
  EXPECT_FALSE(robot.allows("users.manage"));
  EXPECT_EQ(problem_of([&] { keys.create(robot, "child", {"audit.read"}, {}, House::kCaller); }),
            "403 session_required");
  // The maker falls, the key falls with him.
  team().update(house.inside("blue"), admin.id, std::nullopt, "consultant", House::kCaller);
  EXPECT_FALSE(house.token(created.secret).allows("audit.read"));
  team().deactivate(house.inside("blue"), admin.id, House::kCaller);
  EXPECT_EQ(problem_of([&] { house.token(created.secret); }), "401 user_deactivated");
}

TEST_F(Team, an_api_key_ends_by_revocation_age_or_a_wrong_character) {
  auto& keys = house.auth->api_keys();
  const auto token = as("admin@blue.example");
  const auto first = keys.create(token, "one", {"audit.read"}, 1, House::kCaller);
  const auto second = keys.create(token, "two", {"audit.read"}, {}, House::kCaller);
  auto wrong = second.secret;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(problem_of([&] { house.token(wrong); }), "401 invalid_token");
  house.pass(std::chrono::hours(24));
  EXPECT_EQ(problem_of([&] { house.token(first.secret); }), "401 session_ended");
  EXPECT_EQ(problem_of([&] { house.token(second.secret); }), "");
  EXPECT_EQ(problem_of([&] { keys.revoke(house.inside("green"), second.key.id, House::kCaller); }),
            "404 not_found");
  keys.revoke(token, second.key.id, House::kCaller);
  EXPECT_EQ(problem_of([&] { house.token(second.secret); }), "401 session_ended");
  EXPECT_EQ(problem_of([&] {
              keys.create(as("con@blue.example"), "x", {"audit.read"}, {}, House::kCaller);
            }),
            "403 scope_too_wide");
}

TEST(Totp, gives_the_codes_of_rfc_6238) {
  const std::string secret = "12345678901234567890";
  EXPECT_EQ(auth::totp_code(secret, 59 / 30, 8), "94287082");
  EXPECT_EQ(auth::totp_code(secret, 1111111109 / 30, 8), "07081804");
  EXPECT_EQ(auth::totp_code(secret, 20000000000 / 30, 8), "65353130");
  EXPECT_EQ(auth::base32("foobar"), "MZXW6YTBOI");
}

std::string from_base32(const std::string& text) {
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    buffer = buffer << 5 | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((bits += 5) >= 8) out += static_cast<char>(buffer >> (bits -= 8) & 255);
  }
  return out;
}

TEST_F(Team, a_second_factor_is_asked_for_and_each_code_works_once) {
  const auto token = as("con@blue.example");
  auto& factor = house.auth->second_factor();
  const auto secret = from_base32(factor.begin(token).secret);
  const auto code = [&] {
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(house.clock.load()).time_since_epoch().count();
    return auth::totp_code(secret, static_cast<std::uint64_t>(seconds / 30));
  };
  EXPECT_EQ(problem_of([&] { house.login("con@blue.example"); }), "");  // not confirmed yet
  EXPECT_EQ(problem_of([&] { factor.confirm(token, "000000x", House::kCaller); }),
            "422 validation_failed");
  const auto recovery = factor.confirm(token, code(), House::kCaller);
  EXPECT_EQ(recovery.size(), 10U);
  const auto login = [&](const std::string& with) {
    return problem_of([&] {
      house.auth->accounts().login({"con@blue.example", House::kPassword, "", "", with},
                                   House::kCaller);
    });
  };
  EXPECT_EQ(login(""), "401 code_required");
  EXPECT_EQ(login(code()), "401 invalid_code");  // was spent on the confirmation
  house.pass(std::chrono::seconds(60));
  EXPECT_EQ(login("12345x"), "401 invalid_code");
  EXPECT_EQ(login(code()), "");
  EXPECT_EQ(login(code()), "401 invalid_code");
  EXPECT_EQ(login(recovery[3]), "");
  EXPECT_EQ(login(recovery[3]), "401 invalid_code");
  house.pass(std::chrono::seconds(60));
  factor.disable(token, code(), House::kCaller);
  EXPECT_EQ(login(""), "");
}

TEST_F(Team, guessing_codes_locks_like_guessing_passwords) {
  const auto token = as("con@blue.example");
  auto& factor = house.auth->second_factor();
  const auto secret = from_base32(factor.begin(token).secret);
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(house.clock.load()).time_since_epoch().count();
  factor.confirm(token, auth::totp_code(secret, static_cast<std::uint64_t>(seconds / 30)),
                 House::kCaller);
  std::string last;
  for (int i = 0; i < 11; ++i)
    last = problem_of([&] {
      house.auth->accounts().login({"con@blue.example", House::kPassword, "", "", "guess!"},
                                   House::kCaller);
    });
  EXPECT_EQ(last, "429 account_locked");
}

TEST(Outbox, keeps_each_mail_as_a_private_file_and_forgets_a_tenants) {
  const auto folder = std::filesystem::temp_directory_path() / ("serai-outbox-" + random_token(9));
  const auto mailer = auth::make_outbox_mailer(folder);
  const std::string row = "Zürich " + std::string(2'000, 'x');
  mailer->send({"blue", "a@b.example", "Hello\r\nBcc: x@y", "A link:\nhttps://b.example\n" + row});
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "blue")) {
    ++files;
    EXPECT_EQ(entry.path().extension(), ".eml");
    EXPECT_EQ(entry.status().permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text.find("\nBcc:"), std::string::npos);
    EXPECT_TRUE(std::regex_search(
        text, std::regex(
                  "^Date: [MTWFS][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+]0000\r\n")))
        << text;
    EXPECT_NE(text.find("To: a@b.example\r\n"), std::string::npos);
    EXPECT_NE(text.find("\r\n\r\nA link:\r\nhttps://b.example\r\nZürich xxx"), std::string::npos);
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1)
      EXPECT_LE(end - at, 999U);
  }
  EXPECT_EQ(files, 1U);
  mailer->forget("blue");
  EXPECT_FALSE(std::filesystem::exists(folder / "blue"));
  std::filesystem::remove_all(folder);
}

TEST_F(Team, a_deleted_tenant_leaves_no_row_in_any_platform_table) {
  const auto token = as("admin@blue.example");
  auto& factor = house.auth->second_factor();
  factor.begin(token);
  team().invite(token, "new@blue.example", "", "consultant", House::kCaller);
  house.auth->accounts().request_reset("con@blue.example", "blue", House::kCaller);
  house.auth->roles().define(token, "auditor", {"audit.read"});
  house.auth->api_keys().create(token, "robot", {"audit.read"}, {}, House::kCaller);
  const auto access = house.login("con@blue.example").tokens.access;
  house.store->platform()->execute(
      "INSERT INTO auth_recovery_codes (tenant_id, user_id, code_hash) VALUES ('blue', 'x', 'y')");

  // Every column of every table the database has, so that a new table cannot be forgotten.
  const auto traces = [&](const std::string& tenant) {
    const auto session = house.store->platform();
    std::vector<std::string> found;
    const auto tables =
        session->query(serai_test::on_postgres()
                           ? "SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname "
                             "= 'serai_platform' ORDER BY tablename"
                           : "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    for (std::size_t t = 0; t < tables.size(); ++t) {
      const auto table = tables.text(t, "name");
      const auto rows = session->query("SELECT * FROM " + table);
      for (const auto& cell : rows.cells()) {
        if (const auto* text = std::get_if<std::string_view>(&cell);
            text != nullptr && *text == tenant) {
          found.push_back(table);
          break;
        }
      }
    }
    return found;
  };
  // Seven of accounts, tenants, audit entries and heads; PostgreSQL's list of tenants.
  EXPECT_EQ(traces("blue").size(), serai_test::on_postgres() ? 11U : 10U);
  house.tenants->destroy(house.admin(), "blue");
  EXPECT_EQ(traces("blue"), std::vector<std::string>{});
  EXPECT_TRUE(house.mailer.mails.empty());
  EXPECT_FALSE(house.tenants->find("blue"));
  EXPECT_NE(problem_of([&] { house.token(access); }), "");
  EXPECT_EQ(problem_of([&] { house.store->tenant(house.inside("blue")); }), "404 unknown_tenant");
  // The neighbour has lost nothing, and the name can be given again.
  EXPECT_EQ(problem_of([&] { house.login("ann@green.example"); }), "");
  house.add_tenant("blue");
  EXPECT_TRUE(team().users(house.inside("blue")).empty());
}

}  // namespace
