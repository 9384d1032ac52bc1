// Signatures: over the whole, for a time, for nothing else.
#include "trust/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/trust/author.hpp"

namespace host::trust::testing {
namespace {

const Hash kPackage = blake2b_256("a package");

bool holds(const std::string& text, const Author& author, const Hash& package = kPackage) {
  Signature signature;
  return parse_signature(text, signature).empty() &&
         verify(signature, author.key.public_key(), package);
}

TEST(Signature, holds_for_its_key_and_its_package_alone) {
  const Author ada, eve;
  const auto text = ada.sign(kPackage);
  EXPECT_TRUE(holds(text, ada));
  EXPECT_FALSE(holds(text, eve));
  EXPECT_FALSE(holds(text, ada, blake2b_256("another package")));
  Signature signature;
  ASSERT_EQ(parse_signature(text, signature), "");
  EXPECT_EQ(to_text(signature), text);
  EXPECT_EQ(signature.not_before, kNow - kDay);
  EXPECT_EQ(signature.not_after, kNow + kDay);
}

TEST(Signature, does_not_survive_one_flipped_bit) {
  const Author ada;
  const auto good = ada.sign(kPackage);
  ASSERT_TRUE(holds(good, ada));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(holds(bad, ada)) << "bit " << bit << ":\n" << bad;
  }
}

TEST(Signature, cannot_be_given_more_time_or_another_signer) {
  const Author ada, eve;
  Signature signature;
  ASSERT_EQ(parse_signature(ada.sign(kPackage), signature), "");
  auto longer = signature, earlier = signature, other = signature;
  longer.not_after += 1000 * kDay;
  earlier.not_before -= 1000 * kDay;
  other.key = eve.id();
  EXPECT_FALSE(holds(to_text(longer), ada));
  EXPECT_FALSE(holds(to_text(earlier), ada));
  EXPECT_FALSE(holds(to_text(other), ada));
  EXPECT_FALSE(holds(to_text(other), eve));
}

// What the same key signed for another purpose is no package's signature.
TEST(Signature, of_another_domain_is_refused) {
  const Author ada;
  Signature signature;
  ASSERT_EQ(parse_signature(ada.sign(kPackage), signature), "");
  const auto message = signed_message(signature, kPackage);
  const std::string domain = "serai plugin package signature v1\n";
  ASSERT_TRUE(message.starts_with(domain));
  ASSERT_EQ(ada.key.sign(message), signature.bytes) << "the message is what is signed";
  for (const auto& other :
       {message.substr(domain.size()),
        "serai plugin package signature v2\n" + message.substr(domain.size()),
        std::string(reinterpret_cast<const char*>(kPackage.data()), kPackage.size()),
        to_hex(kPackage)}) {
    auto forged = signature;
    forged.bytes = ada.key.sign(other);
    EXPECT_FALSE(holds(to_text(forged), ada));
  }
}

TEST(Signature, has_one_spelling) {
  const Author ada;
  const auto good = ada.sign(kPackage);
  const auto replaced = [&](const std::string& what, const std::string& by) {
    auto text = good;
    return text.replace(text.find(what), what.size(), by);
  };
  for (const auto& bad : {std::string(), good + "\n", good.substr(0, good.size() - 1), "\n" + good,
                          replaced("\nkey", "\r\nkey"), replaced("key ", "key  "),
                          replaced("signature 1", "signature 2"),
                          replaced("2026-05-31T12:00:00Z", "2026-05-31T12:00:00.0Z"),
                          replaced("2026-05-31T12:00:00Z", "2026-02-31T12:00:00Z"),
                          replaced("2026-05-31T12:00:00Z", "2026-06-03T12:00:00Z"), good + good}) {
    Signature ignored;
    EXPECT_NE(parse_signature(bad, ignored), "") << bad;
  }
}

}  // namespace
}  // namespace host::trust::testing
