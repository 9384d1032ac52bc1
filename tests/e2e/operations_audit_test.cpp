// The record of who did what: exported, verified away from the host, and proof against tampering.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsSupersetOf;

class Audit : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    host_ = std::make_unique<RunningHost>();
    auto owner = host_->make_tenant("audited");
    const auto colleague = host_->invite(owner, "colleague@audited.example", "consultant");
    host_->client(owner).patch("/api/v1/users/" + colleague.id, {{"role", "admin"}});
    host_->client().post("/api/v1/auth/login", {{"email", owner.email}, {"password", "wrong"}});
    host_->client(owner).remove("/api/v1/users/" + colleague.id);
    owner_ = owner;
    live_ = host_->client(owner).get("/api/v1/audit?limit=100").json()["data"];
    verified_live_ = host_->client(owner).get("/api/v1/audit/verify").json()["data"];
    host_->stop();
    const auto exported = host_->run({"audit", "export", "--tenant", "audited"});
    EXPECT_EQ(exported.status, 0) << exported.err;
    std::istringstream in(exported.out);
    for (std::string line; std::getline(in, line);) lines_.push_back(line);
  }
  static void TearDownTestSuite() {
    host_.reset();
    lines_.clear();
  }

  static CommandResult verify(const std::vector<std::string>& lines) {
    const TemporaryDirectory directory;
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    write_file(directory.path() / "chain.jsonl", text);
    return run_serai({"audit", "verify", (directory.path() / "chain.jsonl").string()});
  }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_;
  static json live_, verified_live_;
  static std::vector<std::string> lines_;
};
std::unique_ptr<RunningHost> Audit::host_;
Person Audit::owner_;
json Audit::live_, Audit::verified_live_;
std::vector<std::string> Audit::lines_;

TEST_F(Audit, records_what_was_done_to_people_and_accounts) {
  std::vector<std::string> actions;
  for (const auto& entry : live_) actions.push_back(entry["action"]);
  EXPECT_THAT(actions, IsSupersetOf({"user.invite", "user.invite_accept", "auth.login",
                                     "user.update", "user.deactivate"}));
  EXPECT_EQ(verified_live_["intact"], true);
  EXPECT_GE(verified_live_["entries"], static_cast<int>(actions.size()));
}

TEST_F(Audit, is_found_intact_from_the_export_alone) {
  ASSERT_GT(lines_.size(), 5U);
  const auto result = verify(lines_);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("intact: "));
}

TEST_F(Audit, is_exported_for_the_platform_too) {
  const auto exported = host_->run({"audit", "export"});
  EXPECT_EQ(exported.status, 0);
  EXPECT_THAT(exported.out, HasSubstr("tenant.create"));
  const TemporaryDirectory directory;
  write_file(directory.path() / "chain.jsonl", exported.out);
  EXPECT_EQ(run_serai({"audit", "verify", (directory.path() / "chain.jsonl").string()}).status, 0);
}

TEST_F(Audit, betrays_a_changed_word_wherever_it_stands) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    auto forged = lines_;
    auto& line = forged[i];
    // One letter of the longest value changes: 'a' to 'b' after the middle.
    const auto at = line.find_first_of("abcdef0123456789", line.size() / 2);
    ASSERT_NE(at, line.npos) << line;
    line[at] = line[at] == 'a' ? 'b' : 'a';
    const auto result = verify(forged);
    EXPECT_EQ(result.status, 1) << "line " << i << ": " << line;
    EXPECT_THAT(result.err, HasSubstr("NOT intact"));
  }
}

TEST_F(Audit, betrays_an_entry_that_is_gone) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    auto forged = lines_;
    forged.erase(forged.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(verify(forged).status, 1) << "without line " << i << ": " << lines_[i];
  }
}

TEST_F(Audit, betrays_entries_in_another_order_or_twice) {
  for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
    auto swapped = lines_;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_EQ(verify(swapped).status, 1) << i;
  }
  auto twice = lines_;
  twice.insert(twice.begin() + 2, lines_[1]);
  EXPECT_EQ(verify(twice).status, 1);
}

TEST_F(Audit, betrays_an_end_that_was_cut_off) {
  auto cut = lines_;
  while (cut.size() > 1) {
    cut.pop_back();
    EXPECT_EQ(verify(cut).status, 1) << cut.size() << " lines left";
  }
  EXPECT_NE(verify({}).status, 0);
}

TEST_F(Audit, of_an_unknown_tenant_is_an_error) {
  const auto result = host_->run({"audit", "export", "--tenant", "nobody"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("there is no tenant nobody"));
}

}  // namespace
}  // namespace serai_test
