// The client against a store, or a network, that misbehaves.
#include <algorithm>
#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.hpp"
#include "fakes/s3_proxy.hpp"
#include "unit/s3/world.hpp"

namespace host::s3 {
namespace {

using fakes::S3Proxy;
using testing::failure_of;
using ::testing::HasSubstr;
using testing::options;
using testing::soon;
using Deed = S3Proxy::Deed;

// The first `times` requests whose line has `part` in it meet `deed`; all others pass.
struct Trouble {
  Deed deed;
  int times;
  std::string part = "";
  std::atomic<int> met{0};

  S3Proxy::Decide decide() {
    return [this](const std::string& line) {
      if (line.find(part) == std::string::npos) return Deed::pass;
      return met++ < times ? deed : Deed::pass;
    };
  }
};

struct Faults : ::testing::Test {
  std::string key = "faults/" + random_hex(8);
  int port = serai_test::S3Server::shared().port();
  Client direct{options()};
  std::string body = std::string(100'000, 'x') + "end";

  void put(Client& client) { client.put(key, body, sha256_digits(body), soon()); }
  std::string get(Client& client) { return client.get(key, 0, body.size(), soon()); }
};

struct Passing : Faults, ::testing::WithParamInterface<Deed> {};

TEST_P(Passing, trouble_of_two_attempts_is_not_seen_by_the_caller) {
  Trouble while_putting{GetParam(), 2, "PUT"}, while_getting{GetParam(), 2, "GET"};
  {
    S3Proxy proxy(port, while_putting.decide());
    Client client(options(proxy.endpoint()));
    put(client);
    EXPECT_EQ(proxy.requests().size(), 3U);
    EXPECT_EQ(client.trouble(), "");
  }
  EXPECT_EQ(get(direct), body);
  S3Proxy proxy(port, while_getting.decide());
  Client client(options(proxy.endpoint()));
  EXPECT_EQ(get(client), body);
  EXPECT_EQ(proxy.requests().size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(deeds, Passing,
                         ::testing::Values(Deed::slow_down, Deed::reset_head, Deed::lose));

TEST_F(Faults, a_truncated_answer_is_asked_for_again) {
  put(direct);
  Trouble trouble{Deed::truncate, 2};
  S3Proxy proxy(port, trouble.decide());
  Client client(options(proxy.endpoint()));
  EXPECT_EQ(get(client), body);
  EXPECT_EQ(proxy.requests().size(), 3U);
}

TEST_F(Faults, silence_ends_with_the_attempts_time_and_is_tried_again) {
  put(direct);
  Trouble trouble{Deed::silence, 1};
  S3Proxy proxy(port, trouble.decide());
  auto hasty = options(proxy.endpoint());
  hasty.request_time = std::chrono::milliseconds(1500);
  Client client(hasty);
  EXPECT_EQ(get(client), body);
  EXPECT_EQ(proxy.requests().size(), 2U);
}

TEST_F(Faults, no_attempt_begins_after_the_callers_deadline) {
  Trouble trouble{Deed::silence, 1000};
  S3Proxy proxy(port, trouble.decide());
  Client client(options(proxy.endpoint()));
  const auto error = failure_of([&] {
    (void)client.get(key, 0, 1, std::chrono::steady_clock::now() + std::chrono::milliseconds(300));
  });
  EXPECT_EQ(error.failure(), Failure::unavailable);
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(Faults, the_end_of_the_process_does_not_wait_for_a_silent_store) {
  std::promise<void> asked;
  S3Proxy proxy(port, [&](const std::string&) {
    asked.set_value();
    return Deed::silence;
  });
  auto patient = options(proxy.endpoint());
  patient.request_time = patient.total_time = std::chrono::hours(1);
  Client client(patient);
  auto failure = std::async(std::launch::async, [&] {
    return failure_of([&] { (void)client.get(key, 0, 1, Deadline::max()); }).failure();
  });
  asked.get_future().wait();
  client.stop();
  EXPECT_EQ(failure.get(), Failure::unavailable);  // or CTest's patience ends
}

TEST_F(Faults, attempts_end_and_the_breaker_spares_the_store_until_it_is_well) {
  put(direct);
  Trouble trouble{Deed::slow_down, 1000};
  S3Proxy proxy(port, trouble.decide());
  auto chosen = options(proxy.endpoint());
  chosen.breaker_pause = std::chrono::milliseconds(0);
  {
    auto patient = chosen;
    patient.breaker_pause = std::chrono::hours(1);
    Client client(patient);
    const auto error = failure_of([&] { (void)get(client); });
    EXPECT_EQ(error.failure(), Failure::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("SlowDown"));
    EXPECT_EQ(proxy.requests().size(), 4U);
    EXPECT_THROW((void)get(client), ClientError);  // the fifth opens it
    EXPECT_EQ(proxy.requests().size(), 5U);
    EXPECT_THROW((void)get(client), ClientError);  // and now nobody asks
    EXPECT_EQ(proxy.requests().size(), 5U);
    EXPECT_THAT(client.trouble(), HasSubstr("SlowDown"));
  }
  Client client(chosen);
  EXPECT_THROW((void)get(client), ClientError);
  EXPECT_THROW((void)get(client), ClientError);
  trouble.met = 1000;
  EXPECT_EQ(get(client), body);
  EXPECT_EQ(client.trouble(), "");
}

TEST_F(Faults, a_store_that_is_not_there_is_unavailable) {
  auto nowhere = options("http://127.0.0.1:1");
  Client client(nowhere);
  EXPECT_EQ(failure_of([&] { (void)get(client); }).failure(), Failure::unavailable);
  EXPECT_NE(client.trouble(), "");
}

TEST_F(Faults, a_wrong_clock_is_told_with_both_times) {
  Trouble trouble{Deed::skewed, 1000};
  S3Proxy proxy(port, trouble.decide());
  Client client(options(proxy.endpoint()));
  const auto error = failure_of([&] { put(client); });
  EXPECT_EQ(error.failure(), Failure::skewed);
  EXPECT_THAT(error.what(), HasSubstr("the store says Thu, 01 Jan 2015 00:00:00 GMT"));
  EXPECT_THAT(error.what(), HasSubstr("set this host's clock"));
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(Faults, a_page_that_is_no_answer_of_s3_is_refused) {
  Trouble trouble{Deed::junk, 1000};
  S3Proxy proxy(port, trouble.decide());
  Client client(options(proxy.endpoint()));
  EXPECT_EQ(failure_of([&] { (void)client.list("a", "", soon()); }).failure(), Failure::refused);
  EXPECT_EQ(failure_of([&] { (void)client.create_upload("a", soon()); }).failure(),
            Failure::refused);
  EXPECT_THROW((void)client.get("a", 0, 10, soon()), ClientError);
  client.probe("a");
  EXPECT_THAT(client.trouble(), HasSubstr("no S3 store"));
}

TEST_F(Faults, an_upload_whose_completion_was_not_heard_of_is_complete) {
  const std::string upload = direct.create_upload(key, soon());
  const std::string etag = direct.put_part(key, upload, 1, body, sha256_digits(body), soon());
  Trouble trouble{Deed::lose, 1, "POST"};
  S3Proxy proxy(port, trouble.decide());
  Client client(options(proxy.endpoint()));
  client.complete_upload(key, upload, {etag}, body.size(), soon());
  EXPECT_EQ(get(direct), body);
  EXPECT_THROW(client.complete_upload(key, upload, {etag}, body.size() + 1, soon()), ClientError);
}

}  // namespace
}  // namespace host::s3
