#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/random.hpp"
#include "config/profile.hpp"
#include "support/temporary_directory.hpp"

namespace {

using host::config::Profile;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

host::config::Environment environment(const std::map<std::string, std::string>& values) {
  return [values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

Profile production() {
  Profile profile;
  profile.environment = "production";
  profile.frontend_url = "https://app.example";
  return profile;
}

TEST(Keys, missing_in_production_are_all_listed) {
  const auto faults = host::config::check_environment(production(), environment({}));
  EXPECT_THAT(faults, SizeIs(3));
  EXPECT_THAT(faults, Contains(HasSubstr("SERAI_MASTER_KEY is not set")));
  EXPECT_THAT(faults, Contains(HasSubstr("SERAI_JWT_SECRET is not set")));
  EXPECT_THAT(faults, Contains(HasSubstr("SERAI_ADMIN_TOKEN is not set")));
}

TEST(Keys, to_postgresql_are_asked_for_where_it_is_the_engine_and_nowhere_else) {
  serai_test::TemporaryDirectory directory;
  Profile profile;
  profile.data = directory.path();
  EXPECT_THAT(host::config::check_environment(profile, environment({})), IsEmpty());
  const auto given = environment({{"SERAI_POSTGRES", "dbname=serai"}});
  EXPECT_EQ(host::config::load_keys(profile, given).postgres, "");
  profile.storage_engine = "postgres";
  EXPECT_THAT(host::config::check_environment(profile, environment({})),
              Contains(HasSubstr("SERAI_POSTGRES is not set")));
  EXPECT_THROW(host::config::load_keys(profile, environment({})), std::runtime_error);
  EXPECT_THAT(host::config::check_environment(profile, given), IsEmpty());
  EXPECT_EQ(host::config::load_keys(profile, given).postgres, "dbname=serai");
  EXPECT_EQ(host::config::load_keys(profile, given).postgres_owner, "");
  profile.replicas = {"SERAI_POSTGRES_NEAR"};
  EXPECT_THAT(host::config::check_environment(profile, given),
              ElementsAre(HasSubstr("SERAI_POSTGRES_NEAR is not set")));
  EXPECT_THROW(host::config::load_keys(profile, given), std::runtime_error);
  const auto both =
      environment({{"SERAI_POSTGRES", "dbname=serai"}, {"SERAI_POSTGRES_NEAR", "host=near"}});
  EXPECT_THAT(host::config::check_environment(profile, both), IsEmpty());
  EXPECT_THAT(host::config::load_keys(profile, both).replicas, ElementsAre("host=near"));
}

TEST(Keys, of_those_who_post_mail_are_asked_for_where_they_may_and_are_never_weak) {
  serai_test::TemporaryDirectory directory;
  Profile profile;
  profile.data = directory.path();
  const auto strong = environment({{"SERAI_MAIL_IN_SECRET", host::random_token(32)}});
  EXPECT_EQ(host::config::load_keys(profile, strong).mail_in, "");
  profile.mail_in.webhook = true;
  EXPECT_THAT(host::config::check_environment(profile, environment({})),
              ElementsAre(HasSubstr("SERAI_MAIL_IN_SECRET is not set")));
  EXPECT_THAT(
      host::config::check_environment(profile, environment({{"SERAI_MAIL_IN_SECRET", "short"}})),
      ElementsAre(HasSubstr("SERAI_MAIL_IN_SECRET is too weak")));
  EXPECT_THAT(host::config::check_environment(profile, strong), IsEmpty());
  // Who signs needs no password; a weak one is a fault all the same.
  profile.mail_in.webhook_key = "a key";
  EXPECT_THAT(host::config::check_environment(profile, environment({})), IsEmpty());
  EXPECT_THAT(
      host::config::check_environment(profile, environment({{"SERAI_MAIL_IN_SECRET", "short"}})),
      ElementsAre(HasSubstr("SERAI_MAIL_IN_SECRET is too weak")));
  profile.mail_in.webhook_key.clear();
  EXPECT_EQ(host::config::load_keys(profile, strong).mail_in.size(), 43);
  EXPECT_EQ(host::config::load_keys(profile, environment({})).mail_in, "");
}

TEST(Keys, let_no_mail_in_from_the_network_without_tls_in_production) {
  auto profile = production();
  const auto faults = [&](const char* listen) {
    profile.mail_in.listen = listen;
    return host::config::check_environment(profile, environment({}));
  };
  EXPECT_THAT(faults("0.0.0.0:2525"), Contains(HasSubstr("mail_in.listen faces the network")));
  for (const auto* near : {"127.0.0.1:2525", "unix:/run/mail.sock", ""})
    EXPECT_THAT(faults(near), testing::Not(Contains(HasSubstr("mail_in")))) << near;
}

TEST(Keys, to_s3_are_asked_for_where_blobs_lie_there_and_nowhere_else) {
  serai_test::TemporaryDirectory directory;
  Profile profile;
  profile.data = directory.path();
  const auto file = directory.path() / "secret";
  std::ofstream(file) << "from a file\n";
  const auto given =
      environment({{"SERAI_S3_ACCESS_KEY", "AK"}, {"SERAI_S3_SECRET_KEY_FILE", file.string()}});
  EXPECT_EQ(host::config::load_keys(profile, given).s3_secret, "");
  profile.blobs.engine = "s3";
  const auto faults = host::config::check_environment(profile, environment({}));
  EXPECT_THAT(faults, Contains(HasSubstr("SERAI_S3_ACCESS_KEY is not set")));
  EXPECT_THAT(faults, Contains(HasSubstr("SERAI_S3_SECRET_KEY is not set")));
  EXPECT_THROW(host::config::load_keys(profile, environment({})), std::runtime_error);
  EXPECT_THAT(host::config::check_environment(profile, given), IsEmpty());
  EXPECT_EQ(host::config::load_keys(profile, given).s3_access, "AK");
  EXPECT_EQ(host::config::load_keys(profile, given).s3_secret, "from a file");
}

TEST(Keys, production_refuses_files_in_the_clear_to_another_machine) {
  const std::string good = host::random_token(48);
  auto profile = production();
  profile.blobs.engine = "s3";
  const auto keys = environment({{"SERAI_MASTER_KEY", good},
                                 {"SERAI_JWT_SECRET", good},
                                 {"SERAI_ADMIN_TOKEN", good},
                                 {"SERAI_S3_ACCESS_KEY", "AK"},
                                 {"SERAI_S3_SECRET_KEY", "secret"}});
  for (const char* fine : {"https://s3.example.com", "http://127.0.0.1:9000"}) {
    profile.blobs.endpoint = fine;
    EXPECT_THAT(host::config::check_environment(profile, keys), IsEmpty()) << fine;
  }
  profile.blobs.endpoint = "http://s3.example.com";
  EXPECT_THAT(host::config::check_environment(profile, keys),
              Contains(HasSubstr("storage.blobs.endpoint must be https")));
  // A name that only begins like this machine's.
  for (const char* bad : {"http://127.evil.example", "http://localhost.evil.example"}) {
    profile.blobs.endpoint = bad;
    EXPECT_THAT(host::config::check_environment(profile, keys), SizeIs(1)) << bad;
  }
}

TEST(Keys, weak_in_production_are_refused) {
  const std::string good = host::random_token(48);
  EXPECT_THAT(host::config::check_environment(
                  production(), environment({{"SERAI_MASTER_KEY", good},
                                             {"SERAI_JWT_SECRET", std::string(40, 'a')},
                                             {"SERAI_ADMIN_TOKEN", "changeme-" + good}})),
              SizeIs(2));
  EXPECT_THAT(
      host::config::check_environment(production(), environment({{"SERAI_MASTER_KEY", good},
                                                                 {"SERAI_JWT_SECRET", good},
                                                                 {"SERAI_ADMIN_TOKEN", good}})),
      IsEmpty());
}

TEST(Keys, production_refuses_plain_http_to_the_network_and_in_links) {
  const std::string good = host::random_token(48);
  auto profile = production();
  profile.listen.address = "0.0.0.0:80";
  profile.frontend_url = "http://app.example";
  profile.allow_private_addresses = true;
  const auto faults = host::config::check_environment(
      profile,
      environment(
          {{"SERAI_MASTER_KEY", good}, {"SERAI_JWT_SECRET", good}, {"SERAI_ADMIN_TOKEN", good}}));
  EXPECT_THAT(faults, SizeIs(3));
}

TEST(CheckEnvironment, names_every_mounted_file_that_cannot_be_read_where_it_is_needed) {
  Profile profile;
  const auto unreadable = environment({{"SERAI_REDIS_PASSWORD_FILE", "/nowhere/redis"},
                                       {"SERAI_POSTGRES_FILE", "/nowhere/app"},
                                       {"SERAI_POSTGRES_OWNER_FILE", "/nowhere/owner"}});
  EXPECT_THAT(host::config::check_environment(profile, unreadable), SizeIs(0));
  profile.redis_address = "127.0.0.1:6379";
  profile.storage_engine = "postgres";
  EXPECT_THAT(host::config::check_environment(profile, unreadable),
              ElementsAre(HasSubstr("SERAI_REDIS_PASSWORD_FILE: /nowhere/redis"),
                          HasSubstr("SERAI_POSTGRES_FILE: /nowhere/app"),
                          HasSubstr("SERAI_POSTGRES_OWNER_FILE: /nowhere/owner")));
}

TEST(Keys, come_from_mounted_files_without_their_line_break) {
  const serai_test::TemporaryDirectory directory;
  const auto file = directory.path() / "jwt";
  std::ofstream(file) << "from-a-file\n";
  EXPECT_EQ(host::config::secret_from(environment({{"X_FILE", file.string()}}), "X"),
            "from-a-file");
  EXPECT_EQ(
      host::config::secret_from(environment({{"X", "direct"}, {"X_FILE", file.string()}}), "X"),
      "direct");
  EXPECT_EQ(host::config::secret_from(environment({}), "X"), std::nullopt);
  EXPECT_THROW(host::config::secret_from(environment({{"X_FILE", "/nowhere/x"}}), "X"),
               std::runtime_error);
}

TEST(Keys, of_development_are_made_once_and_kept_private) {
  const serai_test::TemporaryDirectory directory;
  Profile profile;
  profile.data = directory.path();
  const auto first = host::config::load_keys(profile, environment({}));
  const auto second = host::config::load_keys(profile, environment({}));
  EXPECT_EQ(first.master, second.master);
  EXPECT_EQ(first.jwt, second.jwt);
  EXPECT_NE(first.jwt, first.master);
  EXPECT_GE(first.jwt.size(), 32u);
  struct stat info {};
  ASSERT_EQ(::stat((directory.path() / "secrets/master").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(Keys, are_never_made_in_production) {
  const serai_test::TemporaryDirectory directory;
  auto profile = production();
  profile.data = directory.path();
  EXPECT_THROW(host::config::load_keys(profile, environment({})), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "secrets"));
}

}  // namespace
