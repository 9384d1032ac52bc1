// Signatures of providers, made at run time by keys of this run.
#include "auth/ecdsa.hpp"

#include <string>

#include <gtest/gtest.h>

#include "fakes/post_signer.hpp"

namespace {

using fakes::PostSigner;
using host::auth::EcdsaP256;

bool holds(const std::string& key, const std::string& message, const std::string& signature) {
  auto check = EcdsaP256::with_key(key);
  if (!check) return false;
  check->add(message);
  return check->holds(signature);
}

TEST(EcdsaP256, believes_the_key_and_nobody_else) {
  const PostSigner ours, stranger;
  const auto key = ours.public_key(), good = ours.signature("1700000000", "a body");
  EXPECT_TRUE(holds(key, "1700000000a body", good));
  EXPECT_FALSE(holds(key, "1700000000a bodz", good));
  EXPECT_FALSE(holds(key, "1700000001a body", good));
  EXPECT_FALSE(holds(key, "", good));
  EXPECT_FALSE(holds(stranger.public_key(), "1700000000a body", good));
  EXPECT_FALSE(holds(key, "1700000000a body", stranger.signature("1700000000", "a body")));
  for (const auto& bad : {std::string(), std::string("AAAA"), std::string("%%%%"), good + "=",
                          " " + good, good + "\n", good.substr(4), std::string(4000, 'A')})
    EXPECT_FALSE(holds(key, "1700000000a body", bad)) << bad;
}

TEST(EcdsaP256, takes_the_message_in_any_pieces) {
  const PostSigner ours;
  const std::string body(300'000, 'x');
  const auto good = ours.signature("1", body);
  for (const std::size_t piece : {std::size_t{1} << 16, std::size_t{7'777}, body.size() + 1}) {
    auto check = EcdsaP256::with_key(ours.public_key());
    ASSERT_TRUE(check);
    const std::string all = "1" + body;
    for (std::size_t at = 0; at < all.size(); at += piece)
      check->add(std::string_view(all).substr(at, piece));
    EXPECT_TRUE(check->holds(good)) << piece;
    EXPECT_FALSE(check->holds(good)) << "one object is one check";
  }
}

TEST(EcdsaP256, takes_no_other_kind_of_key) {
  for (const auto* kind : {"RSA", "P-384", "secp256k1", "ED25519"}) {
    const PostSigner other(kind);
    ASSERT_FALSE(other.public_key().empty());
    EXPECT_FALSE(EcdsaP256::with_key(other.public_key())) << kind;
  }
  const auto key = PostSigner().public_key();
  EXPECT_TRUE(EcdsaP256::with_key(key));
  for (const auto& bad :
       {std::string(), std::string("AAAA"), std::string("not base64"), " " + key, key + "\n",
        key.substr(0, key.size() - 4), key.substr(4), key.substr(0, key.size() - 4) + "AAAA",
        key + "AAAA", "-----BEGIN PUBLIC KEY-----\n" + key + "\n-----END PUBLIC KEY-----"})
    EXPECT_FALSE(EcdsaP256::with_key(bad)) << bad;
}

}  // namespace
