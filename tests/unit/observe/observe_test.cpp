#include <cstdio>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "observe/access_log.hpp"
#include "observe/health.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace {

using host::observe::Level;
using testing::HasSubstr;
using testing::Not;

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

template <class F>
std::string captured(F write) {
  testing::internal::CaptureStderr();
  write();
  host::observe::flush();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, writes_one_json_object_a_line) {
  const auto lines = lines_of(captured([] {
    host::observe::log(Level::info, "started", {{"port", 8080}});
    host::observe::log(Level::error, "a \"quoted\"\nmessage", {{"tenant", "blue"}});
  }));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["message"], "started");
  EXPECT_EQ(lines[0]["port"], 8080);
  EXPECT_EQ(lines[1]["level"], "error");
  EXPECT_EQ(lines[1]["message"], "a \"quoted\"\nmessage");
}

TEST(Log, cannot_be_forged_or_broken_by_what_a_client_sent) {
  const auto lines = lines_of(captured([] {
    host::observe::log(Level::info, "request",
                       {{"path", "/x\n{\"level\":\"info\"}"}, {"agent", "\xff\xfe"}});
  }));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["path"], "/x\n{\"level\":\"info\"}");
}

TEST(Log, leaves_out_what_is_below_its_level) {
  host::observe::set_level(Level::warning);
  const auto text = captured([] {
    host::observe::log(Level::info, "quiet");
    host::observe::log_access({.request_id = "r1", .method = "GET", .path = "/"});
    host::observe::log(Level::warning, "loud");
  });
  host::observe::set_level(Level::info);
  EXPECT_THAT(text, HasSubstr("loud"));
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
  EXPECT_THAT(text, Not(HasSubstr("r1")));
}

TEST(AccessLog, writes_valid_json_for_any_bytes_in_the_path) {
  const auto lines = lines_of(captured([] {
    host::observe::AccessLine line;
    line.request_id = "abc";
    line.method = "GET";
    line.path = "/\"\\\n\xff\x01";
    line.status = 404;
    line.tenant = "blue";
    host::observe::log_access(line);
  }));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["status"], 404);
  EXPECT_EQ(lines[0]["tenant"], "blue");
  EXPECT_EQ(lines[0]["path"].get<std::string>().substr(0, 4), "/\"\\\n");
}

// Ids, too: an archive of another house brings its own.
TEST(AccessLog, writes_valid_json_for_any_byte_at_any_place_of_any_field) {
  using Text = std::string_view host::observe::AccessLine::*;
  using Line = host::observe::AccessLine;
  const std::pair<const char*, Text> fields[] = {{"request_id", &Line::request_id},
                                                 {"method", &Line::method},
                                                 {"path", &Line::path},
                                                 {"route", &Line::operation},
                                                 {"plugin", &Line::plugin},
                                                 {"tenant", &Line::tenant},
                                                 {"user", &Line::user},
                                                 {"address", &Line::address},
                                                 {"traceparent", &Line::traceparent}};
  for (const auto& [name, field] : fields) {
    for (std::size_t place = 0; place < 40; ++place) {
      for (const char byte : {'"', '\\', '\n', '\0', '\x7f'}) {
        std::string value(40, 'x');
        value[place] = byte;
        const auto lines = lines_of(captured([&, field = field] {
          Line line;
          line.*field = value;
          host::observe::log_access(line);
        }));
        ASSERT_EQ(lines.size(), 1u) << name << " at " << place;
        ASSERT_EQ(lines[0][name], value) << "at " << place;
      }
    }
  }
}

TEST(Metrics, count_by_name_and_labels) {
  host::observe::Metrics metrics;
  metrics.counter("requests_total", "Requests.", {{"status", "2xx"}}).add(3);
  metrics.counter("requests_total", "Requests.", {{"status", "5xx"}}).add();
  metrics.counter("requests_total", "Requests.", {{"status", "2xx"}}).add();
  const auto text = metrics.exposition();
  EXPECT_THAT(text, HasSubstr("# TYPE requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{status=\"2xx\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{status=\"5xx\"} 1\n"));
}

TEST(Metrics, histogram_buckets_are_cumulative_and_end_with_infinity) {
  host::observe::Metrics metrics;
  auto& histogram = metrics.histogram("seconds", "Time.", {}, {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 30.0}) histogram.observe(value);
  const auto text = metrics.exposition();
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"0.1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("seconds_count 4\n"));
}

TEST(Metrics, label_values_cannot_break_the_format) {
  host::observe::Metrics metrics;
  metrics.counter("x", "X.", {{"who", "a\"b\\c\nd"}}).add();
  EXPECT_THAT(metrics.exposition(), HasSubstr("x{who=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(Metrics, a_family_that_grows_without_bound_counts_into_other) {
  host::observe::Metrics metrics;
  for (std::size_t i = 0; i < host::observe::Metrics::kMaxSeries + 50; ++i) {
    metrics.counter("x", "X.", {{"who", std::to_string(i)}}).add();
  }
  EXPECT_THAT(metrics.exposition(), HasSubstr("x{who=\"other\"} 50\n"));
}

TEST(Metrics, are_exact_under_concurrent_use) {
  host::observe::Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) metrics.counter("x", "X.").add();
      });
    }
  }
  EXPECT_EQ(metrics.counter("x", "X.").value(), 40'000u);
}

TEST(Health, is_ready_only_between_start_and_stop_and_with_every_required_check) {
  host::observe::Health health;
  bool database = true, cache = false;
  health.add("database", [&] {
    return host::observe::CheckResult{database, database ? "" : "gone"};
  });
  health.add("cache", [&] { return host::observe::CheckResult{cache, "down", false}; });
  EXPECT_FALSE(health.report().ready);
  health.set_started();
  EXPECT_TRUE(health.report().ready) << "a check that is not required does not count";
  database = false;
  const auto report = health.report();
  EXPECT_FALSE(report.ready);
  EXPECT_EQ(report.checks[0].first, "database");
  EXPECT_EQ(report.checks[0].second.detail, "gone");
  database = true;
  health.set_stopping();
  EXPECT_FALSE(health.report().ready);
}

}  // namespace
