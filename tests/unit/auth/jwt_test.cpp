// Access tokens against forgery: every altered, foreign or stale token is refused.
#include "auth/jwt.hpp"

#include <gtest/gtest.h>

#include "auth/crypto.hpp"

namespace {

using namespace host::auth;

constexpr std::int64_t kNow = 1'900'000'000;

JwtClaims claims() { return {"user-1", "blue", "session-1", "jti-1", kNow, kNow, kNow + 900}; }

std::string seed(char c) { return std::string(32, c); }

JwtCodec codec(std::vector<JwtKey> keys) { return {std::move(keys), "serai", "serai"}; }

std::string with_parts(const std::string& header, const std::string& payload,
                       const std::string& signature) {
  return base64url(header) + "." + base64url(payload) + "." + base64url(signature);
}

std::string payload_of(const std::string& token) {
  const auto first = token.find('.');
  return *from_base64url(token.substr(first + 1, token.rfind('.') - first - 1));
}

JwtFault check(const JwtCodec& with, const std::string& token, std::int64_t now = kNow) {
  JwtClaims out;
  return with.verify(token, now, out);
}

TEST(Jwt, what_was_signed_is_read_back_with_both_algorithms) {
  for (const auto& key : {hs256_key(seed('a')), eddsa_key(seed('a'))}) {
    const auto with = codec({key});
    JwtClaims out;
    ASSERT_EQ(with.verify(with.sign(claims()), kNow, out), JwtFault::none);
    EXPECT_EQ(out.subject, "user-1");
    EXPECT_EQ(out.tenant, "blue");
    EXPECT_EQ(out.session, "session-1");
    EXPECT_EQ(out.expires_at, kNow + 900);
  }
}

TEST(Jwt, algorithm_none_is_refused) {
  const auto key = hs256_key(seed('a'));
  const auto with = codec({key});
  const auto payload = payload_of(with.sign(claims()));
  for (const char* name : {"none", "None", "NONE", ""}) {
    const std::string header =
        R"({"alg":")" + std::string(name) + R"(","typ":"JWT","kid":")" + key.kid + R"("})";
    EXPECT_NE(check(with, with_parts(header, payload, "")), JwtFault::none) << name;
  }
}

TEST(Jwt, an_hmac_keyed_with_the_public_key_is_refused) {
  const auto key = eddsa_key(seed('a'));
  const auto with = codec({key});
  const auto payload = payload_of(with.sign(claims()));
  const std::string header = R"({"alg":"HS256","typ":"JWT","kid":")" + key.kid + R"("})";
  const std::string message = base64url(header) + "." + base64url(payload);
  const std::string forged = message + "." + base64url(hmac_sha256(key.public_key, message));
  EXPECT_EQ(check(with, forged), JwtFault::algorithm);
}

TEST(Jwt, any_single_changed_character_is_refused) {
  for (const auto& key : {hs256_key(seed('a')), eddsa_key(seed('a'))}) {
    const auto with = codec({key});
    const std::string token = with.sign(claims());
    for (std::size_t at = 0; at < token.size(); ++at) {
      std::string altered = token;
      altered[at] = altered[at] == 'A' ? 'B' : 'A';
      EXPECT_NE(check(with, altered), JwtFault::none) << at;
    }
  }
}

TEST(Jwt, a_key_of_another_kid_is_not_tried) {
  const auto mine = codec({hs256_key(seed('a'))});
  const auto other = codec({hs256_key(seed('b'))});
  EXPECT_EQ(check(mine, other.sign(claims())), JwtFault::unknown_key);
}

TEST(Jwt, a_former_key_still_verifies_but_no_longer_signs) {
  const auto before = codec({hs256_key(seed('a'))});
  const auto after = codec({eddsa_key(seed('b')), hs256_key(seed('a'))});
  EXPECT_EQ(check(after, before.sign(claims())), JwtFault::none);
  EXPECT_EQ(check(before, after.sign(claims())), JwtFault::unknown_key);
}

TEST(Jwt, is_good_until_the_second_it_expires) {
  const auto with = codec({hs256_key(seed('a'))});
  const std::string token = with.sign(claims());
  EXPECT_EQ(check(with, token, kNow + 899), JwtFault::none);
  EXPECT_EQ(check(with, token, kNow + 900), JwtFault::expired);
  EXPECT_EQ(check(with, token, kNow - 1), JwtFault::not_yet);
}

TEST(Jwt, another_issuer_or_audience_is_refused) {
  const auto key = hs256_key(seed('a'));
  const auto with = codec({key});
  EXPECT_EQ(check(with, JwtCodec({key}, "elsewhere", "serai").sign(claims())), JwtFault::issuer);
  EXPECT_EQ(check(with, JwtCodec({key}, "serai", "elsewhere").sign(claims())), JwtFault::audience);
}

TEST(Jwt, signed_but_odd_payloads_are_refused_without_a_crash) {
  const auto key = hs256_key(seed('a'));
  const auto with = codec({key});
  const std::string header = R"({"alg":"HS256","typ":"JWT","kid":")" + key.kid + R"("})";
  const auto signed_with = [&](const std::string& head, const std::string& payload) {
    const std::string message = base64url(head) + "." + base64url(payload);
    return message + "." + base64url(hmac_sha256(key.secret, message));
  };
  for (
      const char* payload :
      {"", "[]", "null", "{}", R"({"iss":1})", R"({"iss":"serai","aud":["serai"]})",
       R"({"iss":"serai","aud":"serai","sub":"u","tid":"t","sid":"s","jti":"j","iat":0,"nbf":0})",
       R"({"iss":"serai","aud":"serai","sub":"u","tid":"t","sid":"s","jti":"j","iat":0,"nbf":0,"exp":"never"})",
       R"({"iss":"serai","aud":"serai","sub":"u","tid":"t","sid":"s","jti":"j","iat":0,"nbf":0,"exp":1e99})"})
    EXPECT_NE(check(with, signed_with(header, payload)), JwtFault::none) << payload;
  const auto good = payload_of(with.sign(claims()));
  EXPECT_EQ(check(with, signed_with(header, good)), JwtFault::none);
  EXPECT_NE(check(with, signed_with(R"({"alg":["HS256"],"kid":")" + key.kid + "\"}", good)),
            JwtFault::none);
  EXPECT_NE(
      check(with, signed_with(R"({"alg":"HS256","crit":["exp"],"kid":")" + key.kid + "\"}", good)),
      JwtFault::none);
  for (const char* text : {"", ".", "..", "...", "a.b", "a.b.c.d"})
    EXPECT_EQ(check(with, text), JwtFault::malformed) << text;
  EXPECT_EQ(check(with, std::string(100'000, '.')), JwtFault::malformed);
}

TEST(Base64Url, takes_only_the_one_spelling_of_a_value) {
  EXPECT_EQ(from_base64url("AA"), std::string(1, '\0'));
  EXPECT_FALSE(from_base64url("AB"));    // stray bits
  EXPECT_FALSE(from_base64url("AA=="));  // padding
  EXPECT_FALSE(from_base64url("A+/A"));  // other alphabet
  EXPECT_FALSE(from_base64url("A A"));
  EXPECT_FALSE(from_base64url("A"));
}

TEST(Seal, opens_only_under_its_key_and_context) {
  const std::string key(32, 'k');
  const auto sealed = seal(key, "here", "secret");
  EXPECT_EQ(unseal(key, "here", sealed), "secret");
  EXPECT_FALSE(unseal(key, "there", sealed));
  EXPECT_FALSE(unseal(std::string(32, 'x'), "here", sealed));
  EXPECT_FALSE(unseal(key, "here", "AAAA"));
}

}  // namespace
