// Key files: private, written once, never readable by others.
#include "trust/keys.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/trust/author.hpp"

namespace host::trust::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string fault_of(const std::filesystem::path& file) {
  try {
    SecretKey::read(file);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(SecretKey, is_the_same_after_writing_and_reading) {
  const serai_test::TemporaryDirectory folder;
  const auto key = SecretKey::make();
  key.write(folder.path() / "a.secret");
  struct stat status {};
  ASSERT_EQ(::stat((folder.path() / "a.secret").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto again = SecretKey::read(folder.path() / "a.secret");
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(again.sign("words"), key.sign("words"));
  EXPECT_NE(SecretKey::make().public_key(), key.public_key());
}

TEST(SecretKey, never_replaces_another_or_follows_a_link) {
  const serai_test::TemporaryDirectory folder;
  write(folder.path() / "there", "precious");
  std::filesystem::create_symlink(folder.path() / "nowhere", folder.path() / "link");
  const auto key = SecretKey::make();
  EXPECT_THROW(key.write(folder.path() / "there"), std::runtime_error);
  EXPECT_THROW(key.write(folder.path() / "link"), std::runtime_error);
  EXPECT_EQ(content(folder.path() / "there"), "precious");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "nowhere"));
}

TEST(SecretKey, that_others_can_read_is_refused) {
  const serai_test::TemporaryDirectory folder;
  const auto file = folder.path() / "a.secret";
  SecretKey::make().write(file);
  EXPECT_EQ(fault_of(file), "");
  for (const unsigned mode : {0640u, 0604u, 0660u, 0644u}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    EXPECT_THAT(fault_of(file), HasSubstr("others can read")) << mode;
  }
}

TEST(SecretKey, of_a_damaged_file_is_refused_without_showing_it) {
  const serai_test::TemporaryDirectory folder;
  const auto file = folder.path() / "a.secret";
  SecretKey::make().write(file);
  const auto good = content(file);
  const auto digits = good.substr(good.find('\n') + 1, 64);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  for (const auto& bad : {std::string(), good.substr(0, good.size() - 1), good + "x",
                          "x" + good.substr(1), good.substr(0, 30) + "G" + good.substr(31)}) {
    write(file, bad);
    EXPECT_THAT(fault_of(file), HasSubstr("is no secret key")) << bad.size();
    EXPECT_THAT(fault_of(file), Not(HasSubstr(digits.substr(0, 8))));
  }
  EXPECT_THAT(fault_of(folder.path()), HasSubstr("no file"));
  EXPECT_THAT(fault_of(folder.path() / "none"), HasSubstr("cannot be read"));
}

TEST(PublicKeyFile, has_nothing_of_the_secret_key) {
  const serai_test::TemporaryDirectory folder;
  const Author author;
  author.key.write(folder.path() / "a.secret");
  const auto secret = content(folder.path() / "a.secret");
  const auto text = author.key_file();
  EXPECT_THAT(text, HasSubstr(author.id()));
  EXPECT_THAT(text, Not(HasSubstr(secret.substr(secret.find('\n') + 1, 32))));
}

}  // namespace
}  // namespace host::trust::testing
