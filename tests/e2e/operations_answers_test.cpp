// What every answer has in common: headers, methods, compression, tags, validation, idempotency.
#include <array>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::runtime_error("inflateInit2");
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("not gzip");
  return out;
}

class Answers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"probe"};
    options.profile["cors"]["origins"] = {"https://app.example.com"};
    host_ = std::make_unique<RunningHost>(options);
    owner_ = host_->make_tenant("answers");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static HttpClient client() { return host_->client(owner_); }
  static std::string add_note(const std::string& text) {
    const auto answer =
        client().post("/api/v1/probe/notes", {{"text", text}, {"tags", json::array()}});
    return answer.json()["data"]["id"];
  }
  static std::size_t notes() { return client().get("/api/v1/probe/notes").json()["count"]; }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_;
};
std::unique_ptr<RunningHost> Answers::host_;
Person Answers::owner_;

void expect_security(const Answer& answer, const std::string& what) {
  const std::array<std::pair<const char*, const char*>, 6> wanted{
      {{"x-frame-options", "DENY"},
       {"x-content-type-options", "nosniff"},
       {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"},
       {"referrer-policy", "strict-origin-when-cross-origin"},
       {"permissions-policy", "geolocation=(), camera=(), microphone=()"},
       {"x-xss-protection", "1; mode=block"}}};
  for (const auto& [name, value] : wanted) {
    const auto found = answer.headers.find(name);
    ASSERT_NE(found, answer.headers.end()) << what << " lacks " << name;
    EXPECT_EQ(found->second, value) << what;
  }
  EXPECT_TRUE(answer.headers.contains("x-request-id")) << what;
}

TEST_F(Answers, carry_the_security_headers_whatever_they_say) {
  const auto nobody = host_->client();
  const auto someone = client();
  const auto tag = someone.get("/api/v1/client/info").headers.at("etag");
  struct Case {
    int status;
    const char* what;
    Answer answer;
  };
  const std::vector<Case> cases{
      {200, "a page", someone.get("/api/v1/client/info")},
      {201, "a new thing",
       someone.post("/api/v1/probe/notes", {{"text", "x"}, {"tags", json::array()}})},
      {204, "OPTIONS", nobody.send("OPTIONS", "/api/v1/auth/me", "")},
      {304, "unchanged", someone.get("/api/v1/client/info", {{"If-None-Match", tag}})},
      {400, "broken JSON", nobody.send("POST", "/api/v1/auth/login", "{")},
      {400, "a forged path", nobody.get("/a/../b")},
      {401, "no login", nobody.get("/api/v1/auth/me")},
      {401, "a wrong password",
       nobody.post("/api/v1/auth/login", {{"email", owner_.email}, {"password", "wrong"}})},
      {403, "no permission", someone.get("/api/v1/auth/me", {{"X-Client-ID", "somebody-else"}})},
      {404, "nothing there", nobody.get("/api/v1/nothing")},
      {404, "nothing of that id", someone.get("/api/v1/probe/notes/0")},
      {405, "a wrong method", nobody.send("DELETE", "/health/live", "")},
      {413, "too much",
       someone.send("POST", "/api/v1/probe/small", "\"" + std::string(2000, 'x') + "\"")},
      {415, "another type",
       nobody.send("POST", "/api/v1/auth/login", "<a/>", {{"Content-Type", "text/xml"}})},
      {422, "a wrong field", nobody.post("/api/v1/auth/login", {{"email", 5}, {"password", "x"}})}};
  for (const auto& [status, what, answer] : cases) {
    EXPECT_EQ(answer.status, status) << what << ": " << answer.body;
    expect_security(answer, what);
    if (status >= 400) {
      EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json") << what;
      EXPECT_EQ(answer.json()["status"], status) << what;
    }
  }
}

TEST_F(Answers, speak_to_listed_origins_only) {
  const auto listed = host_->client().get("/health/live", {{"Origin", "https://app.example.com"}});
  EXPECT_EQ(listed.headers.at("access-control-allow-origin"), "https://app.example.com");
  EXPECT_EQ(listed.headers.at("access-control-allow-credentials"), "true");
  EXPECT_THAT(listed.headers.at("access-control-expose-headers"), HasSubstr("X-Request-ID"));
  EXPECT_THAT(listed.headers.at("vary"), HasSubstr("Origin"));
  for (const auto* origin : {"https://evil.example.com", "https://app.example.com.evil.example",
                             "http://app.example.com", "null"}) {
    const auto answer = host_->client().get("/health/live", {{"Origin", origin}});
    EXPECT_FALSE(answer.headers.contains("access-control-allow-origin")) << origin;
    EXPECT_FALSE(answer.headers.contains("access-control-allow-credentials")) << origin;
    EXPECT_THAT(answer.headers.at("vary"), HasSubstr("Origin"));
  }
}

TEST_F(Answers, let_a_browser_of_a_listed_origin_ask_before_it_sends) {
  const HttpClient::Headers ask{{"Origin", "https://app.example.com"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "authorization,content-type"}};
  const auto answer = host_->client().send("OPTIONS", "/api/v1/auth/login", "", ask);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://app.example.com");
  EXPECT_THAT(answer.headers.at("access-control-allow-methods"), HasSubstr("POST"));
  EXPECT_THAT(answer.headers.at("access-control-allow-headers"), HasSubstr("Authorization"));
  EXPECT_THAT(answer.headers.at("access-control-allow-headers"), HasSubstr("Idempotency-Key"));
  auto stranger = ask;
  stranger[0].second = "https://evil.example.com";
  const auto refused = host_->client().send("OPTIONS", "/api/v1/auth/login", "", stranger);
  EXPECT_FALSE(refused.headers.contains("access-control-allow-origin"));
  EXPECT_FALSE(refused.headers.contains("access-control-allow-methods"));
}

TEST_F(Answers, let_a_listed_origin_read_refusals_too) {
  for (const auto* path : {"/api/v1/auth/me", "/nothing"}) {
    const auto answer = host_->client().get(path, {{"Origin", "https://app.example.com"}});
    EXPECT_GE(answer.status, 400);
    EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://app.example.com") << path;
  }
}

TEST_F(Answers, name_the_methods_of_a_path) {
  const auto options = host_->client().send("OPTIONS", "/api/v1/probe/notes", "");
  EXPECT_EQ(options.status, 204);
  for (const auto* method : {"GET", "HEAD", "POST"})
    EXPECT_THAT(options.headers.at("allow"), HasSubstr(method));
  const auto wrong = client().send("DELETE", "/api/v1/probe/notes", "");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), options.headers.at("allow"));
  EXPECT_EQ(wrong.json()["code"], "method_not_allowed");
  EXPECT_EQ(host_->client().send("OPTIONS", "/nothing/here", "").status, 404);
}

TEST_F(Answers, to_head_are_those_to_get_without_a_body) {
  const auto get = client().get("/api/v1/client/info");
  const auto head = client().send("HEAD", "/api/v1/client/info", "");
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.body.empty());
  for (const auto* name : {"content-type", "content-length", "etag"})
    EXPECT_EQ(head.headers.at(name), get.headers.at(name));
  EXPECT_EQ(host_->client().send("HEAD", "/api/v1/auth/me", "").status, 401);
}

TEST_F(Answers, are_compressed_for_who_asks_and_long_enough) {
  const auto plain = client().get("/api/v1/probe/large");
  const auto packed = client().get("/api/v1/probe/large", {{"Accept-Encoding", "br, gzip;q=0.8"}});
  EXPECT_FALSE(plain.headers.contains("content-encoding"));
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_THAT(packed.headers.at("vary"), HasSubstr("Accept-Encoding"));
  EXPECT_LT(packed.body.size(), plain.body.size() / 10);
  EXPECT_EQ(gunzip(packed.body), plain.body);
  EXPECT_FALSE(client()
                   .get("/api/v1/probe/large", {{"Accept-Encoding", "gzip;q=0"}})
                   .headers.contains("content-encoding"));
  EXPECT_FALSE(client()
                   .get("/api/v1/client/info", {{"Accept-Encoding", "gzip"}})
                   .headers.contains("content-encoding"));
}

TEST_F(Answers, are_not_sent_again_to_who_has_them) {
  const auto first = client().get("/api/v1/client/info");
  const auto tag = first.headers.at("etag");
  const auto again = client().get("/api/v1/client/info", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(again.headers.at("etag"), tag);
  EXPECT_EQ(client().get("/api/v1/client/info", {{"If-None-Match", "\"other\", " + tag}}).status,
            304);
  EXPECT_EQ(client().get("/api/v1/client/info", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(Answers, protect_a_change_from_a_stale_view) {
  const auto path = "/api/v1/probe/notes/" + add_note("first");
  // The job of the note changes it once.
  ASSERT_TRUE(eventually([&] { return client().get(path).json()["data"]["runs"] == 1; }));
  const auto tag = client().get(path).headers.at("etag");
  EXPECT_EQ(client().patch(path, {{"text", "second"}}, {{"If-Match", tag}}).status, 200);
  const auto stale = client().patch(path, {{"text", "third"}}, {{"If-Match", tag}});
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.json()["code"], "precondition_failed");
  EXPECT_EQ(client().get(path).json()["data"]["text"], "second");
  EXPECT_EQ(client().patch(path, {{"text", "fourth"}}, {{"If-Match", "*"}}).status, 200);
}

TEST_F(Answers, to_a_repeated_key_are_the_first_one_again) {
  const json note{{"text", "once"}, {"tags", json::array()}};
  const auto before = notes();
  const HttpClient::Headers key{{"Idempotency-Key", new_marker("key-")}};
  const auto first = client().post("/api/v1/probe/notes", note, key);
  const auto second = client().post("/api/v1/probe/notes", note, key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.headers.at("idempotent-replayed"), "true");
  EXPECT_FALSE(first.headers.contains("idempotent-replayed"));
  EXPECT_EQ(notes(), before + 1);
}

TEST_F(Answers, refuse_a_key_that_comes_with_another_request) {
  const HttpClient::Headers key{{"Idempotency-Key", new_marker("key-")}};
  ASSERT_EQ(
      client().post("/api/v1/probe/notes", {{"text", "a"}, {"tags", json::array()}}, key).status,
      201);
  const auto other =
      client().post("/api/v1/probe/notes", {{"text", "b"}, {"tags", json::array()}}, key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.json()["code"], "idempotency_key_reused");
}

TEST_F(Answers, leave_a_key_free_when_nothing_was_done) {
  const HttpClient::Headers key{{"Idempotency-Key", new_marker("key-")}};
  EXPECT_EQ(
      client().post("/api/v1/probe/notes", {{"text", ""}, {"tags", json::array()}}, key).status,
      422);
  EXPECT_EQ(
      client().post("/api/v1/probe/notes", {{"text", "ok"}, {"tags", json::array()}}, key).status,
      201);
}

TEST_F(Answers, keep_the_keys_of_two_colleagues_apart) {
  const auto colleague = host_->invite(owner_, new_marker("c") + "@answers.example", "consultant");
  const HttpClient::Headers key{{"Idempotency-Key", new_marker("key-")}};
  const json note{{"text", "same"}, {"tags", json::array()}};
  const auto mine = client().post("/api/v1/probe/notes", note, key);
  const auto theirs = host_->client(colleague).post("/api/v1/probe/notes", note, key);
  EXPECT_EQ(theirs.status, 201);
  EXPECT_NE(mine.json()["data"]["id"], theirs.json()["data"]["id"]);
}

TEST_F(Answers, refuse_a_key_whose_first_request_is_under_way) {
  const TemporaryDirectory directory;
  const auto entered = directory.path() / "entered", release = directory.path() / "release";
  ASSERT_EQ(::mkfifo(entered.c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo(release.c_str(), 0600), 0);
  const json body{{"entered", entered.string()}, {"release", release.string()}};
  const HttpClient::Headers key{{"Idempotency-Key", new_marker("key-")}};
  auto first = std::async(std::launch::async,
                          [&] { return client().post("/api/v1/probe/hold", body, key); });
  ASSERT_EQ(read_file(entered), "here\n");
  const auto second = client().post("/api/v1/probe/hold", body, key);
  write_file(release, "go\n");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.json()["code"], "idempotency_in_progress");
  EXPECT_TRUE(second.headers.contains("retry-after"));
  EXPECT_EQ(first.get().status, 200);
}

TEST_F(Answers, name_the_byte_at_which_json_breaks) {
  for (const auto* body : {"{", "{\"email\":}", "nul", "[1,]", "{\"a\":1}{", "\xff"}) {
    const auto answer = host_->client().send("POST", "/api/v1/auth/login", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json()["code"], "malformed_json") << body;
    EXPECT_THAT(answer.json()["detail"].get<std::string>(), HasSubstr("byte")) << body;
  }
  EXPECT_EQ(host_->client().send("POST", "/api/v1/auth/login", "").status, 400);
  EXPECT_EQ(host_->client().send("POST", "/api/v1/auth/login", std::string(100'000, '[')).status,
            400);
}

TEST_F(Answers, refuse_a_body_of_another_type) {
  const auto answer = host_->client().send("POST", "/api/v1/auth/login", "email=a&password=b",
                                           {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(answer.json()["code"], "unsupported_media_type");
}

TEST_F(Answers, point_at_every_field_that_is_wrong) {
  const auto pointers = [](const Answer& answer) {
    std::vector<std::string> found;
    const auto problem = answer.json();
    for (const auto& error : problem["errors"]) found.push_back(error["pointer"]);
    return found;
  };
  const auto wrong =
      client().post("/api/v1/probe/notes",
                    {{"text", ""}, {"tags", {"fine", 5, std::string(11, 'x')}}, {"unknown", true}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.json()["code"], "validation_failed");
  EXPECT_THAT(pointers(wrong), testing::IsSupersetOf({"/text", "/tags/1", "/tags/2"}));
  const auto missing = client().post("/api/v1/probe/notes", json::object());
  EXPECT_EQ(missing.status, 422);
  EXPECT_GE(missing.json()["errors"].size(), 1U);
  const auto query = client().get("/api/v1/probe/large?words=0");
  EXPECT_EQ(query.status, 422);
  EXPECT_THAT(query.body, HasSubstr("words"));
  EXPECT_EQ(client().get("/api/v1/probe/large?words=ten").status, 422);
}

TEST_F(Answers, do_not_tell_how_the_house_is_built) {
  for (const auto& answer :
       {host_->client().get("/nothing"), host_->client().get("/api/v1/auth/me"),
        client().get("/api/v1/probe/notes/%27%3B--")}) {
    EXPECT_THAT(answer.body, Not(HasSubstr("sqlite")));
    EXPECT_THAT(answer.body, Not(HasSubstr("/home")));
    EXPECT_FALSE(answer.headers.contains("server"));
    EXPECT_FALSE(answer.headers.contains("x-powered-by"));
  }
}

}  // namespace
}  // namespace serai_test
