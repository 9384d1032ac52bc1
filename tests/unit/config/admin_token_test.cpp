// What a client of the admin API reads: one token, and it leaves nothing behind.
#include "config/admin_token.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace {

using host::config::load_admin_token;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

host::config::Environment environment(const std::map<std::string, std::string>& values) {
  return [values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

class AdminToken : public testing::Test {
 protected:
  AdminToken() { profile_.data = directory_.path() / "data"; }

  std::filesystem::path write(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
    return path;
  }
  std::filesystem::path kept() const { return profile_.data / "secrets" / "admin_token"; }

  const serai_test::TemporaryDirectory directory_;
  host::config::Profile profile_;
};

TEST_F(AdminToken, comes_from_the_environment_before_a_kept_one) {
  write(kept(), "kept");
  EXPECT_EQ(load_admin_token(profile_, environment({{"SERAI_ADMIN_TOKEN", "given"}})), "given");
  const auto mounted = write(directory_.path() / "mounted", "from a file\n");
  EXPECT_EQ(load_admin_token(profile_, environment({{"SERAI_ADMIN_TOKEN_FILE", mounted}})),
            "from a file");
  EXPECT_EQ(load_admin_token(profile_, environment({{"SERAI_ADMIN_TOKEN", ""},
                                                    {"SERAI_ADMIN_TOKEN_FILE", mounted}})),
            "from a file");
}

TEST_F(AdminToken, that_the_host_keeps_is_found) {
  write(kept(), "kept\n");
  EXPECT_EQ(load_admin_token(profile_, environment({})), "kept");
  // A variable that is set to nothing, as a file of variables may do, hides it from nobody.
  EXPECT_EQ(load_admin_token(profile_, environment({{"SERAI_ADMIN_TOKEN", ""}})), "kept");
}

TEST_F(AdminToken, is_what_the_host_of_the_same_profile_takes) {
  const auto keys = host::config::load_keys(profile_, environment({}));
  EXPECT_EQ(load_admin_token(profile_, environment({})), keys.admin_token);
}

TEST_F(AdminToken, that_is_nowhere_is_told_with_each_place_and_nothing_is_made) {
  EXPECT_THAT([&] { load_admin_token(profile_, environment({})); },
              ThrowsMessage<std::runtime_error>("there is no administrator's token in "
                                                "SERAI_ADMIN_TOKEN, nor in a file that "
                                                "SERAI_ADMIN_TOKEN_FILE names, nor in " +
                                                kept().string()));
  EXPECT_FALSE(std::filesystem::exists(profile_.data));
  std::filesystem::create_directories(profile_.data);
  EXPECT_THROW(load_admin_token(profile_, environment({})), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_empty(profile_.data));
}

TEST_F(AdminToken, asks_for_no_other_secret) {
  profile_.storage_engine = "postgres";
  profile_.replicas = {"SERAI_POSTGRES_NEAR"};
  profile_.blobs.engine = "s3";
  EXPECT_EQ(load_admin_token(profile_, environment({{"SERAI_ADMIN_TOKEN", "given"}})), "given");
  EXPECT_FALSE(std::filesystem::exists(profile_.data));
}

TEST_F(AdminToken, of_production_is_never_one_that_development_left) {
  write(kept(), "kept");
  profile_.environment = "production";
  EXPECT_THAT([&] { load_admin_token(profile_, environment({})); },
              ThrowsMessage<std::runtime_error>(
                  testing::AllOf(HasSubstr("no administrator's token in SERAI_ADMIN_TOKEN, nor"),
                                 Not(HasSubstr(kept().string())))));
}

TEST_F(AdminToken, that_cannot_be_read_is_told_with_its_file) {
  const auto absent = directory_.path() / "absent";
  EXPECT_THAT(
      [&] {
        load_admin_token(profile_, environment({{"SERAI_ADMIN_TOKEN_FILE", absent}}));
      },
      ThrowsMessage<std::runtime_error>(absent.string() + " cannot be read"));
  // A folder that points at itself: whether a token lies there cannot be known.
  std::filesystem::create_directories(profile_.data);
  std::filesystem::create_directory_symlink("secrets", profile_.data / "secrets");
  EXPECT_THAT([&] { load_admin_token(profile_, environment({})); },
              ThrowsMessage<std::runtime_error>(kept().string() + " cannot be read"));
}

}  // namespace
