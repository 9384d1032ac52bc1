// What we sign and what Amazon's own signer makes of the same request, for requests that nobody
// would think of: a property of the canonical form, tried on random input.
#include <random>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/sha256.hpp"
#include "s3/signature.hpp"
#include "support/s3_server.hpp"

namespace host::s3 {
namespace {

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string text(std::size_t longest) {
    static const std::vector<std::string> kPieces = {
        "a", "Z", "0",  "-", "_", ".", "~", "+", " ", "%", "%20",    "&",      "=",
        "?", "#", ":",  ",", ";", "!", "*", "'", "(", ")", "\"",     "<",      ">",
        "[", "]", "\\", "|", "^", "`", "{", "}", "@", "$", "\u00e9", "\u1234", "\U0001F600"};
    std::string out;
    for (std::size_t n = below(longest + 1); n > 0; --n) out += kPieces[below(kPieces.size())];
    return out;
  }

 private:
  std::mt19937 random_;
};

TEST(AmazonsSigner, agrees_on_a_thousand_random_requests) {
  const Credentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"};
  const std::string date = "20240229T235959Z", hash = sha256_digits("body");
  Chance chance(20240229);
  std::ostringstream asked;
  std::vector<std::string> ours, shown;
  for (int i = 0; i < 1000; ++i) {
    SignedRequest request;
    request.method = std::vector<std::string>{"GET", "PUT", "DELETE", "POST"}[chance.below(4)];
    request.path = "/bucket";
    for (std::size_t n = chance.below(5); n > 0; --n) request.path += "/" + chance.text(6);
    nlohmann::json query = nlohmann::json::array(), headers = nlohmann::json::object();
    // Names come once, as in all our requests: for several of one name Amazon's signer sorts the
    // values before it encodes them, its manual afterwards.
    for (std::size_t n = chance.below(5); n > 0; --n) {
      const std::string name = chance.text(4) + std::to_string(n), value = chance.text(6);
      request.query.emplace_back(name, value);
      query.push_back({name, value});
    }
    request.headers = {
        {"Host", "s3.example.com:9000"}, {"X-Amz-Content-Sha256", hash}, {"x-amz-date", date}};
    headers["host"] = "s3.example.com:9000";
    if (chance.below(2) == 0) {
      const std::string value = "  bytes=0-" + std::to_string(chance.below(99)) + "   x ";
      request.headers.emplace_back("Range", value);
      headers["range"] = value;
    }
    const std::string proof = authorization(request, hash, parse_timestamp("2024-02-29T23:59:59Z"),
                                            credentials, {"eu-central-1", "s3"});
    ours.push_back(proof.substr(proof.rfind('=') + 1));
    shown.push_back(canonical_request(request, hash));
    asked << nlohmann::json{{"method", request.method},
                            {"path", request.path},
                            {"query", query},
                            {"headers", headers},
                            {"hash", hash}}
          << "\n";
  }
  std::istringstream answers(serai_test::run_node(
      "sign.mjs", credentials.access_key + " " + credentials.secret_key + " eu-central-1 " + date,
      asked.str()));
  std::string theirs;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    ASSERT_TRUE(std::getline(answers, theirs)) << i;
    EXPECT_EQ(ours[i], theirs) << shown[i];
  }
}

TEST(UriEncode, can_be_undone_and_leaves_only_unreserved_characters) {
  Chance chance(7);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = chance.text(12);
    const std::string encoded = uri_encode(text, false);
    std::string decoded;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
      const char c = encoded[at];
      ASSERT_TRUE(std::isalnum(static_cast<unsigned char>(c)) ||
                  std::string_view("-._~%").find(c) != std::string_view::npos)
          << encoded;
      if (c != '%') {
        decoded += c;
        continue;
      }
      decoded += static_cast<char>(std::stoi(encoded.substr(at + 1, 2), nullptr, 16));
      at += 2;
    }
    EXPECT_EQ(decoded, text);
  }
}

}  // namespace
}  // namespace host::s3
