// Headers, spooled files, response heads and replies.
#include "http/message.hpp"

#include <gtest/gtest.h>

#include "http/response_head.hpp"
#include "http/server.hpp"
#include "http/spooled_file.hpp"

namespace host::http {
namespace {

TEST(Headers, compare_names_without_case_and_keep_repetition) {
  Headers headers;
  headers.add("Set-Cookie", "a=1");
  headers.add("set-cookie", "b=2");
  headers.add("X", "y");
  EXPECT_EQ(headers.get("SET-COOKIE"), "a=1");
  EXPECT_EQ(headers.size(), 3u);
  headers.set("Set-cookie", "c=3");
  EXPECT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers.get("set-cookie"), "c=3");
  headers.set("New", "z");
  EXPECT_EQ(headers.get("new"), "z");
  EXPECT_EQ(headers.find("absent"), nullptr);
}

TEST(SpooledFile, gives_back_what_it_was_given) {
  SpooledFile file;
  file.append("hello ");
  file.append("world");
  EXPECT_EQ(file.size(), 11u);
  EXPECT_EQ(file.read_all(), "hello world");
  char buffer[4];
  EXPECT_EQ(file.read(9, buffer, sizeof buffer), 2u);
  EXPECT_EQ(file.read(11, buffer, sizeof buffer), 0u);
  EXPECT_THROW(SpooledFile("/nonexistent/directory"), std::system_error);
}

TEST(ResponseHead, writes_the_frame_itself) {
  Response response;
  response.headers.add("Content-Length", "999");
  response.headers.add("transfer-encoding", "gzip");
  response.headers.add("Connection", "x");
  response.headers.add("X-Kept", "yes");
  std::string head;
  append_head(head, response, {Framing::length, 5, false, 1});
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << head;
  EXPECT_NE(head.find("\r\nX-Kept: yes\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"),
            std::string::npos)
      << head;
  EXPECT_EQ(head.find("999"), std::string::npos);
  EXPECT_EQ(head.find("gzip"), std::string::npos);
}

TEST(ResponseHead, refuses_fields_that_would_end_early) {
  for (const char* value : {"a\r\nb", "a\nb", "a\rb", "\x01"}) {
    Response response;
    response.headers.add("X", value);
    EXPECT_FALSE(valid_head(response));
  }
  for (const char* name : {"", "a b", "a:", "a\r\n"}) {
    Response response;
    response.headers.add(name, "x");
    EXPECT_FALSE(valid_head(response));
  }
  EXPECT_FALSE(valid_head({99, {}, {}, {}}));
  EXPECT_FALSE(valid_head({600, {}, {}, {}}));
  EXPECT_TRUE(valid_head({204, {}, {}, {}}));
}

struct RecordingTarget : Reply::Target {
  void respond(std::uint64_t request, Response response) override {
    answers.emplace_back(request, response.status);
  }
  std::unique_ptr<Reply::Stream> stream(std::uint64_t, Response) override { return nullptr; }
  bool gone(std::uint64_t) const override { return false; }
  std::vector<std::pair<std::uint64_t, int>> answers;
};

TEST(Reply, answers_once_and_tells_when_it_is_let_go) {
  const auto target = std::make_shared<RecordingTarget>();
  {
    Reply sent(target, 1);
    sent.send({201, {}, {}, {}});
    sent.send({202, {}, {}, {}});
    Reply let_go(target, 2);
    Reply overwritten(target, 3);
    overwritten = Reply(target, 4);
    Reply moved = std::move(overwritten);
  }
  const std::vector<std::pair<std::uint64_t, int>> expected{{1, 201}, {3, 0}, {4, 0}, {2, 0}};
  EXPECT_EQ(target->answers, expected);
}

}  // namespace
}  // namespace host::http
