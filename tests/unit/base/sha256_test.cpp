// The vectors of FIPS 180-4's examples, whole and in pieces.
#include "base/sha256.hpp"

#include <gtest/gtest.h>

namespace {

using host::Sha256;
using host::sha256_digits;

constexpr const char* kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, is_that_of_the_published_vectors) {
  EXPECT_EQ(sha256_digits(""), kOfNothing);
  EXPECT_EQ(sha256_digits("abc"), kOfAbc);
  EXPECT_EQ(sha256_digits("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_digits(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, does_not_mind_the_pieces) {
  const std::string text(1'000'000, 'a');
  for (const std::size_t piece : {1UL, 63UL, 64UL, 65UL, 4096UL}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += piece)
      hash.add(std::string_view(text).substr(at, piece));
    EXPECT_EQ(hash.digits(), sha256_digits(text)) << piece;
  }
}

TEST(Sha256, tells_in_between_and_goes_on) {
  Sha256 hash;
  EXPECT_EQ(hash.digits(), kOfNothing);
  hash.add("ab");
  EXPECT_EQ(hash.digits(), sha256_digits("ab"));
  hash.add("c");
  EXPECT_EQ(hash.digits(), kOfAbc);
  EXPECT_EQ(hash.digits(), kOfAbc);
}

TEST(Sha256, of_a_copy_goes_its_own_way) {
  Sha256 hash;
  hash.add("ab");
  Sha256 copy = hash;
  copy.add("x");
  hash.add("c");
  EXPECT_EQ(hash.digits(), kOfAbc);
  EXPECT_EQ(copy.digits(), sha256_digits("abx"));
  copy = hash;
  EXPECT_EQ(copy.digits(), kOfAbc);
}

}  // namespace
