// The other ways in: a Unix socket and TLS, both by the Asio adapter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Listeners, serve_on_a_unix_socket) {
  const TemporaryDirectory sockets;
  const auto path = (sockets.path() / "s").string();
  RunningHost::Options options;
  options.plugins = {"hello"};
  options.arguments = {"--adapter", "asio", "--listen", "unix:" + path};
  RunningHost host(options);
  EXPECT_EQ(host.process().url(), "unix:" + path);
  EXPECT_EQ(host.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
  const auto owner = host.make_tenant("by-socket");
  EXPECT_EQ(host.client(owner).get("/api/v1/auth/me").status, 200);
  EXPECT_EQ(host.run({"plugin", "list"}).status, 0);
  EXPECT_EQ(host.stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listeners, start_again_over_the_socket_of_a_host_that_was_killed) {
  const TemporaryDirectory sockets;
  RunningHost::Options options;
  options.arguments = {"--adapter", "asio", "--listen", "unix:" + (sockets.path() / "s").string()};
  RunningHost host(options);
  host.kill();
  host.start();
  EXPECT_EQ(host.client().get("/health/live").status, 200);
}

TEST(Listeners, answer_alike_with_either_adapter) {
  RunningHost::Options asio;
  asio.arguments = {"--adapter", "asio"};
  RunningHost pistache, other(asio);
  for (const auto* path : {"/health/live", "/nothing", "/api/v1/auth/me"}) {
    const auto a = pistache.client().get(path), b = other.client().get(path);
    EXPECT_EQ(a.status, b.status) << path;
    auto names = [](const Answer& answer) {
      std::vector<std::string> out;
      for (const auto& [name, value] : answer.headers) out.push_back(name);
      return out;
    };
    EXPECT_EQ(names(a), names(b)) << path;
  }
}

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = shell(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout '" +
        key() + "' -out '" + certificate() + "'");
    ASSERT_EQ(made.status, 0) << made.output;
  }
  std::string key() const { return (directory_.path() / "key.pem").string(); }
  std::string certificate() const { return (directory_.path() / "certificate.pem").string(); }
  RunningHost::Options options() const {
    RunningHost::Options out;
    out.profile["listen"] = {
        {"adapter", "asio"}, {"certificate", certificate()}, {"private_key", key()}};
    return out;
  }

  TemporaryDirectory directory_;
};

TEST_F(Tls, serves_with_a_certificate_from_the_profile) {
  RunningHost host(options());
  EXPECT_THAT(host.process().url(), StartsWith("https://127.0.0.1:"));
  auto client = host.client();
  EXPECT_EQ(client.get("/health/live").status, 0)
      << "a certificate nobody vouches for was believed";
  client.trust(certificate());
  EXPECT_EQ(client.get("/health/live").json()["status"], "alive");
  EXPECT_EQ(client.get("/api/v1/auth/me").status, 401);
}

TEST_F(Tls, does_not_speak_plainly_or_in_old_versions) {
  RunningHost host(options());
  const auto address = host.process().url().substr(std::string("https://").size());
  EXPECT_EQ(HttpClient("http://" + address).get("/health/live").status, 0);
  const auto old =
      shell("openssl s_client -connect " + address + " -tls1_1 -cipher ALL@SECLEVEL=0");
  EXPECT_NE(old.status, 0) << old.output;
  const auto current = shell("openssl s_client -connect " + address + " -tls1_3");
  EXPECT_EQ(current.status, 0) << current.output;
}

TEST_F(Tls, is_refused_at_the_start_when_the_certificate_cannot_be_used) {
  write_file(certificate(), "not a certificate\n");
  try {
    RunningHost host(options());
    FAIL() << "it serves without a certificate";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("serai ended with 1"));
  }
}

}  // namespace
}  // namespace serai_test
