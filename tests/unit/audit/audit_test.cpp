// The audit chain against every way to falsify it: in the database and in an export.
#include "audit/audit.hpp"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/store.hpp"
#include "support/test_store.hpp"
#include "tenancy/token_mint.hpp"

namespace {

using namespace host;
using nlohmann::json;
using Lines = std::vector<std::string>;

struct Chain : ::testing::Test {
  Chain() {
    store = serai_test::make_store({folder});
    audit = audit::make_audit(*store);
  }
  ~Chain() override {
    audit.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  CallToken tenant(const std::string& id) const {
    return tenancy::TokenMint::for_public(id, {"r", "", Deadline::max()});
  }
  void record(const std::string& id, const std::string& action) {
    audit->record(tenant(id), {action, "success", "ann", "thing", "192.0.2.1", "r1"},
                  {{"note", "Zürich"}});
  }
  Lines exported(const CallToken& token) {
    Lines lines;
    audit->export_chain(token, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
  }
  static audit::Verdict check(const Lines& lines) {
    std::size_t at = 0;
    return audit::verify_export([&](std::string& line) {
      if (at == lines.size()) return false;
      line = lines[at++];
      return true;
    });
  }
  std::int64_t sql(const std::string& text) { return store->platform()->execute(text); }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-audit-" + random_token(9));
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<audit::Audit> audit;
};

TEST_F(Chain, is_intact_after_honest_use_and_lists_newest_first) {
  for (int i = 0; i < 5; ++i) record("blue", "step" + std::to_string(i));
  const auto verdict = audit->verify(tenant("blue"));
  EXPECT_TRUE(verdict.intact) << verdict.detail;
  EXPECT_EQ(verdict.entries, 5U);
  const auto page = audit->list(tenant("blue"), 0, 2);
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0]["action"], "step4");
  EXPECT_EQ(audit->list(tenant("blue"), page[1]["seq"].get<std::uint64_t>(), 2)[0]["action"],
            "step2");
}

TEST_F(Chain, tenants_and_the_platform_have_chains_of_their_own) {
  record("blue", "blues");
  record("green", "greens");
  audit->record_platform({"admin.did", "success", "platform_admin", "", "", ""}, json::object());
  EXPECT_EQ(audit->list(tenant("blue"), 0, 10).size(), 1U);
  EXPECT_EQ(audit->list(tenant("green"), 0, 10)[0]["action"], "greens");
  const auto admin = tenancy::TokenMint::for_platform_admin("a", {"", "", Deadline::max()});
  EXPECT_EQ(audit->list(admin, 0, 10)[0]["action"], "admin.did");
  audit->destroy(tenant("blue"));
  EXPECT_TRUE(audit->list(tenant("blue"), 0, 10).empty());
  EXPECT_TRUE(audit->verify(tenant("green")).intact);
  EXPECT_THROW(audit->destroy(admin), Problem);
}

TEST_F(Chain, an_empty_chain_is_intact_and_exports) {
  EXPECT_TRUE(audit->verify(tenant("blue")).intact);
  EXPECT_TRUE(check(exported(tenant("blue"))).intact);
}

TEST_F(Chain, any_changed_column_shows) {
  for (const char* change :
       {"action = 'other'", "outcome = 'failure'", "actor = 'bob'", "target = 'x'", "address = 'x'",
        "request_id = 'x'", "details = '{}'", "at = '2020-01-01T00:00:00.000000Z'", "hash = '00'",
        "previous = '00'"}) {
    audit->destroy(tenant("blue"));
    for (int i = 0; i < 3; ++i) record("blue", "step" + std::to_string(i));
    ASSERT_EQ(sql(std::string("UPDATE audit_entries SET ") + change + " WHERE seq = 2"), 1);
    const auto verdict = audit->verify(tenant("blue"));
    EXPECT_FALSE(verdict.intact) << change;
    EXPECT_FALSE(verdict.detail.empty());
    EXPECT_FALSE(check(exported(tenant("blue"))).intact) << change;
  }
}

TEST_F(Chain, a_deleted_entry_shows_wherever_it_was) {
  for (const int gone : {1, 2, 3}) {
    audit->destroy(tenant("blue"));
    for (int i = 0; i < 3; ++i) record("blue", "step" + std::to_string(i));
    sql("DELETE FROM audit_entries WHERE seq = " + std::to_string(gone));
    EXPECT_FALSE(audit->verify(tenant("blue")).intact) << gone;
  }
}

TEST_F(Chain, a_cut_tail_with_an_adjusted_head_shows) {
  for (int i = 0; i < 3; ++i) record("blue", "step" + std::to_string(i));
  sql("DELETE FROM audit_entries WHERE seq = 3");
  sql("UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_entries WHERE seq = 2)");
  const auto verdict = audit->verify(tenant("blue"));
  EXPECT_FALSE(verdict.intact);
  EXPECT_NE(verdict.detail.find("signature"), std::string::npos);
}

TEST_F(Chain, an_export_verifies_alone_and_only_unchanged) {
  for (int i = 0; i < 4; ++i) record("blue", "step" + std::to_string(i));
  const Lines lines = exported(tenant("blue"));
  ASSERT_EQ(lines.size(), 6U);
  const auto verdict = check(lines);
  EXPECT_TRUE(verdict.intact) << verdict.detail;
  EXPECT_EQ(verdict.entries, 4U);

  for (std::size_t line = 0; line < lines.size(); ++line) {
    Lines altered = lines;
    altered.erase(altered.begin() + static_cast<std::ptrdiff_t>(line));
    EXPECT_FALSE(check(altered).intact) << "without line " << line;
    for (std::size_t other = line + 1; other < lines.size(); ++other) {
      altered = lines;
      std::swap(altered[line], altered[other]);
      EXPECT_FALSE(check(altered).intact) << "swapped " << line << " and " << other;
    }
    altered = lines;
    altered[line].replace(altered[line].size() / 2, 1, "~");
    EXPECT_FALSE(check(altered).intact) << "changed line " << line;
    altered = lines;
    altered.insert(altered.begin() + static_cast<std::ptrdiff_t>(line), lines[line]);
    EXPECT_FALSE(check(altered).intact) << "doubled line " << line;
  }
  for (const char* odd : {"", "null", "[]", "{}", "{\"type\":\"entry\"}", "not json"}) {
    EXPECT_FALSE(check({odd}).intact) << odd;
    EXPECT_FALSE(check({lines[0], odd}).intact) << odd;
  }
}

TEST_F(Chain, an_export_signed_with_another_key_fails_against_the_key_one_knows) {
  record("blue", "step");
  const auto known = audit->public_key();
  const auto other = audit::make_audit(*store, {std::string(32, 's')});
  EXPECT_NE(other->public_key(), known);
  other->record(tenant("blue"), {"forged", "success", "", "", "", ""}, json::object());
  const Lines lines = [&] {
    Lines out;
    other->export_chain(tenant("blue"), [&](std::string_view line) { out.emplace_back(line); });
    return out;
  }();
  std::size_t at = 0;
  const auto next = [&](std::string& line) {
    if (at == lines.size()) return false;
    line = lines[at++];
    return true;
  };
  EXPECT_FALSE(audit::verify_export(next, known).intact);
}

TEST_F(Chain, an_export_from_a_line_on_is_the_end_of_the_whole) {
  for (int i = 0; i < 3; ++i) record("blue", "step" + std::to_string(i));
  audit->import_lines(tenant("green"), 0, exported(tenant("blue")));
  record("green", "arrived");
  for (const char* id : {"blue", "green"}) {
    const Lines all = exported(tenant(id));
    for (std::size_t from = 0; from < all.size(); ++from) {
      Lines end;
      audit->export_chain(
          tenant(id), [&](std::string_view line) { end.emplace_back(line); }, from);
      EXPECT_EQ(end, Lines(all.begin() + static_cast<std::ptrdiff_t>(from), all.end())) << from;
    }
  }
}

TEST_F(Chain, a_history_that_grows_is_read_on_from_where_it_was) {
  for (int i = 0; i < 2; ++i) record("blue", "step" + std::to_string(i));
  audit->import_lines(tenant("green"), 0, exported(tenant("blue")));
  const auto first = audit->imported(tenant("green"));
  EXPECT_TRUE(first.verdict.intact) << first.verdict.detail;
  EXPECT_EQ(first.lines, 4U);
  record("blue", "step2");
  const Lines all = exported(tenant("blue"));
  audit->import_lines(tenant("green"), 3, {all.begin() + 3, all.end()});  // from the head on
  const auto second = audit->imported(tenant("green"), first);
  EXPECT_TRUE(second.verdict.intact) << second.verdict.detail;
  EXPECT_EQ(second.verdict.entries, 3U);
  EXPECT_EQ(second.lines, all.size());
  EXPECT_EQ(second.sha256, audit->imported(tenant("green")).sha256);
  EXPECT_NE(second.sha256, first.sha256);
  EXPECT_EQ(audit->imported(tenant("red"), {}).lines, 0U);

  audit->record(tenant("green"), {"tenant.import", "success", "", "", "", ""},
                {{"audit_sha256", second.sha256}});
  EXPECT_TRUE(check(exported(tenant("green"))).intact);
  sql("UPDATE audit_imported SET content = replace(content, 'step2', 'step9')");
  EXPECT_FALSE(audit->imported(tenant("green"), first).verdict.intact);
  EXPECT_FALSE(check(exported(tenant("green"))).intact);
  sql("DELETE FROM audit_imported WHERE line = 4");
  EXPECT_FALSE(audit->imported(tenant("green"), first).verdict.intact);
}

TEST_F(Chain, a_history_that_the_chain_does_not_name_is_none_of_it) {
  record("blue", "step");
  audit->import_lines(tenant("green"), 0, exported(tenant("blue")));
  record("green", "arrived");
  EXPECT_NE(check(exported(tenant("green"))).detail.find("imported history"), std::string::npos);
  EXPECT_THROW(
      audit->import_lines(tenancy::TokenMint::for_platform_admin("a", {"", "", Deadline::max()}), 0,
                          {"{}"}),
      Problem);
}

TEST_F(Chain, the_key_made_at_first_stays) {
  const auto key = audit->public_key();
  EXPECT_EQ(audit::make_audit(*store)->public_key(), key);
}

TEST_F(Chain, holds_when_many_write_at_once) {
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < 25; ++i) record("blue", "step");
    });
  for (auto& writer : writers) writer.join();
  const auto verdict = audit->verify(tenant("blue"));
  EXPECT_TRUE(verdict.intact) << verdict.detail;
  EXPECT_EQ(verdict.entries, 100U);
}

TEST_F(Chain, more_entries_than_a_page_verify) {
  for (int i = 0; i < 1005; ++i) record("blue", "step");
  EXPECT_EQ(audit->verify(tenant("blue")).entries, 1005U);
  EXPECT_TRUE(check(exported(tenant("blue"))).intact);
}

TEST_F(Chain, hostile_text_is_kept_without_breaking_anything) {
  audit->record(tenant("blue"),
                {"a\n\"b\xff", "success", std::string("nul\0x", 5), "", "\xc3\x28", "r"},
                {{"bytes", "\xff\xfe"}});
  EXPECT_TRUE(audit->verify(tenant("blue")).intact);
  EXPECT_TRUE(check(exported(tenant("blue"))).intact);
  audit->record(tenant("blue"), {"big", "success", "", "", "", ""},
                {{"text", std::string(100'000, 'x')}});
  EXPECT_LT(audit->list(tenant("blue"), 0, 1).dump().size(), 2000U);
  EXPECT_TRUE(audit->verify(tenant("blue")).intact);
}

}  // namespace
