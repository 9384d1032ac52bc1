#include "config/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using host::config::parse_profile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Profile, that_is_shipped_has_no_fault) {
  for (const auto* name : {"minimal", "standard", "full"}) {
    const auto loaded =
        host::config::load_profile(std::string(SERAI_PROFILES) + "/" + name + ".yaml");
    EXPECT_THAT(loaded.faults, IsEmpty()) << name;
    EXPECT_EQ(loaded.profile.name, name);
  }
}

TEST(Profile, reads_every_kind_of_value) {
  const auto loaded = parse_profile(R"(
profile: test
environment: production
listen: {address: "unix:/run/serai.sock", adapter: asio, threads: 3}
limits: {body: 2 MiB, header_count: 50, idle_time: 90 s}
cors: {origins: ["https://a.example", "https://b.example"]}
auth: {access_token: 5 min, refresh_token: 7 d}
rate_limits: {login: 7/min, tenant: 100/s}
plugins:
  enabled:
    - id: helpdesk
      settings: {min_confidence: 0.5, use_ai: false, name: "1"}
    - {id: ai, for_all_tenants: false}
)",
                                    "test.yaml");
  EXPECT_THAT(loaded.faults, IsEmpty());
  const auto& p = loaded.profile;
  EXPECT_TRUE(p.production());
  EXPECT_EQ(p.listen.threads, 3u);
  EXPECT_EQ(p.limits.body, 2u << 20);
  EXPECT_EQ(p.limits.idle_time, 90s);
  EXPECT_EQ(p.access_token, 5min);
  EXPECT_EQ(p.refresh_token, 24h * 7);
  EXPECT_EQ(p.login.count, 7u);
  EXPECT_EQ(p.per_tenant.per, 1s);
  EXPECT_THAT(p.cors_origins, ElementsAre("https://a.example", "https://b.example"));
  ASSERT_THAT(p.plugins, SizeIs(2));
  EXPECT_EQ(p.plugins[0].settings, R"({"min_confidence":0.5,"name":"1","use_ai":false})");
  EXPECT_FALSE(p.plugins[1].for_all_tenants);
}

TEST(Profile, names_replicas_by_variables_of_the_environment) {
  const auto of = [](const std::string& engine, const std::string& replicas) {
    return parse_profile("storage: {engine: " + engine + ", postgres: " + replicas + "}", "x.yaml");
  };
  const auto good =
      of("postgres", "{replicas: [SERAI_POSTGRES_R1, SERAI_POSTGRES_R2], max_staleness: 500 ms}");
  EXPECT_THAT(good.faults, IsEmpty());
  EXPECT_THAT(good.profile.replicas, ElementsAre("SERAI_POSTGRES_R1", "SERAI_POSTGRES_R2"));
  EXPECT_EQ(good.profile.max_staleness, 500ms);
  EXPECT_EQ(of("postgres", "{}").profile.max_staleness, 2s);
  EXPECT_THAT(of("sqlite", "{replicas: [SERAI_POSTGRES_R1]}").faults,
              ElementsAre(HasSubstr("needs storage.engine: postgres")));
  EXPECT_THAT(of("postgres", "{max_staleness: 2 h}").faults,
              ElementsAre(HasSubstr("from 200 ms to 1 h")));
  EXPECT_THAT(of("postgres", "{replicas: [SERAI_POSTGRES_R1, SERAI_POSTGRES_R1]}").faults,
              ElementsAre(HasSubstr("a second time")));
  for (const auto* name : {"postgresql://serai_app:pw@there/serai", "SERAI_POSTGRES_OWNER",
                           "SERAI_POSTGRES", "SERAI_POSTGRES_R1_FILE", "SERAI_POSTGRES_r1"})
    EXPECT_THAT(of("postgres", "{replicas: [\"" + std::string(name) + "\"]}").faults,
                ElementsAre(HasSubstr("names variables of the environment")))
        << name;
}

TEST(Profile, names_every_fault_at_once_with_its_line) {
  const auto loaded = parse_profile(R"(profile: x
lisen: {address: "127.0.0.1:1"}
environment: staging
limits:
  body: many
  header_time: 5 parsecs
plugins:
  enabled:
    - id: Bad_Id
    - id: ai
    - id: ai
)",
                                    "p.yaml");
  EXPECT_THAT(
      loaded.faults,
      ElementsAre(HasSubstr("p.yaml:2: lisen is not a known key"),
                  HasSubstr("p.yaml:3: environment must be one of: development, production"),
                  HasSubstr("p.yaml:5: limits.body must be a size"),
                  HasSubstr("p.yaml:6: limits.header_time must be a duration"),
                  HasSubstr("plugins.enabled[0].id must be a plugin's id"),
                  HasSubstr("names ai a second time")));
}

TEST(Profile, reads_quotas_and_denials_of_a_plugin_and_names_their_faults) {
  const auto good = parse_profile(
      "plugins: {enabled: [{id: ai, denied_interfaces: [sql], denied_hosts: [a.example], "
      "quotas: [{unit: calls, limit: 5, per: day}, {unit: ai.tokens, limit: 0}]}]}",
      "p");
  EXPECT_THAT(good.faults, IsEmpty());
  const auto& plugin = good.profile.plugins.at(0);
  EXPECT_EQ(plugin.denied_interfaces, std::vector<std::string>{"sql"});
  EXPECT_EQ(plugin.denied_hosts, std::vector<std::string>{"a.example"});
  ASSERT_EQ(plugin.quotas.size(), 2U);
  EXPECT_EQ(plugin.quotas[0].limit, 5U);
  EXPECT_EQ(plugin.quotas[0].per, "day");
  EXPECT_EQ(plugin.quotas[1].per, "month");
  for (const char* bad : {"{unit: calls}", "{limit: 1}", "{unit: calls, limit: -1}",
                          "{unit: calls, limit: 1, per: year}", "{unit: calls, limit: 1, max: 2}"})
    EXPECT_FALSE(
        parse_profile("plugins: {enabled: [{id: ai, quotas: [" + std::string(bad) + "]}]}", "p")
            .faults.empty())
        << bad;
}

TEST(Profile, reads_how_mail_comes_in_and_names_all_that_is_wrong_with_it) {
  const auto of = [](const std::string& mail_in) {
    return parse_profile("mail_in: {" + mail_in + "}", "p");
  };
  EXPECT_FALSE(of("").profile.mail_in.on());
  const auto good =
      of("listen: 'unix:/run/mail.sock', protocol: smtp, domains: [mail.a.example, b.example], "
         "strategies: [plus, header], unknown: refuse, message_size: 10 MiB, connections: 3, "
         "inbox_messages: 5, inbox_size: 1 GiB, webhook: true, webhook_key: MFkw");
  EXPECT_THAT(good.faults, IsEmpty());
  const auto& mail = good.profile.mail_in;
  EXPECT_TRUE(mail.on());
  EXPECT_EQ(mail.protocol, "smtp");
  EXPECT_THAT(mail.domains, ElementsAre("mail.a.example", "b.example"));
  EXPECT_THAT(mail.strategies, ElementsAre("plus", "header"));
  EXPECT_EQ(mail.message_size, 10u << 20);
  EXPECT_EQ(mail.inbox_messages, 5u);
  EXPECT_EQ(mail.webhook_key, "MFkw");
  for (const auto& [bad, why] : {std::pair{"listen: nowhere", "mail_in.listen must be host:port"},
                                 {"listen: '127.0.0.1:25'", "LMTP must not be spoken on port 25"},
                                 {"protocol: uucp", "must be one of: lmtp, smtp"},
                                 {"domains: [Mail.example]", "is no domain"},
                                 {"domains: [example]", "is no domain"},
                                 {"domains: ['']", "is no domain"},
                                 {"domains: [a..example]", "is no domain"},
                                 {"domains: [a.example, a.example]", "a second time"},
                                 {"strategies: [guess]", "guess is none"},
                                 {"strategies: [plus, plus]", "a second time"},
                                 {"unknown: drop", "must be one of: keep, refuse"},
                                 {"message_size: 1 GiB", "from 64 KiB to 100 MiB"},
                                 {"connections: 0", "from 1 to 1000"},
                                 {"webhook_key: MFkw", "set mail_in.webhook: true or remove it"},
                                 {"inbox_size: 65 GiB", "at most 64 GiB"}})
    EXPECT_THAT(of(bad).faults, ElementsAre(HasSubstr(why))) << bad;
}

TEST(Profile, reads_where_blobs_lie_and_names_all_that_is_wrong_with_it) {
  const auto loaded = parse_profile(
      "storage:\n  blobs:\n    engine: s3\n    endpoint: https://s3.example.com\n    bucket: "
      "files\n"
      "    prefix: serai/one\n    downloads: presigned\n    link_life: 2 min\n    part_size: 16 "
      "MiB\n",
      "p.yaml");
  EXPECT_THAT(loaded.faults, IsEmpty());
  EXPECT_EQ(loaded.profile.blobs.prefix, "serai/one");
  EXPECT_EQ(loaded.profile.blobs.link_life, std::chrono::minutes(2));
  EXPECT_EQ(loaded.profile.blobs.part_size, 16U << 20);
  const auto faults =
      parse_profile(
          "storage:\n  blobs:\n    engine: s3\n    endpoint: s3.example.com\n    bucket: A\n"
          "    region: ''\n    prefix: /a/\n    downloads: public\n    link_life: 2 d\n"
          "    part_size: 1 MiB\n    total_time: 1 ms\n    acess_key: x\n",
          "p.yaml")
          .faults;
  EXPECT_THAT(faults, SizeIs(9));
  EXPECT_THAT(faults, Contains(HasSubstr("p.yaml:8: storage.blobs.downloads must be one of")));
  EXPECT_THAT(faults, Contains(HasSubstr("p.yaml:12: storage.blobs.acess_key is not a known key")));
  for (const char* key :
       {"endpoint", "bucket", "region", "prefix", "link_life", "part_size", "total_time"})
    EXPECT_THAT(faults, Contains(HasSubstr(std::string("storage.blobs.") + key + " must be")));
  EXPECT_THAT(parse_profile("storage: {blobs: {engine: files, bucket: A}}", "p.yaml").faults,
              IsEmpty());
}

TEST(Profile, refuses_a_key_given_twice) {
  EXPECT_THAT(parse_profile("profile: a\nprofile: b\n", "p").faults,
              ElementsAre(HasSubstr("p:2: profile stands here twice")));
}

TEST(Profile, that_is_no_yaml_is_one_fault_with_its_line) {
  EXPECT_THAT(parse_profile("profile: [a\nb: c: d\n", "p").faults,
              ElementsAre(HasSubstr("not YAML")));
}

TEST(Profile, is_one_document_and_says_where_a_second_begins) {
  EXPECT_THAT(parse_profile("---\nprofile: test\n...\n", "x.yaml").faults, IsEmpty());
  EXPECT_THAT(parse_profile("profile: test\n---\nenvironment: production\n", "x.yaml").faults,
              ElementsAre(HasSubstr("x.yaml:2: a second YAML document begins here")));
}

TEST(Profile, refuses_what_a_listener_cannot_do) {
  EXPECT_THAT(parse_profile("listen: {address: \"unix:/x\"}", "p").faults,
              ElementsAre(HasSubstr("use asio")));
  EXPECT_THAT(parse_profile("listen: {adapter: asio, certificate: a.pem}", "p").faults,
              ElementsAre(HasSubstr("belong together")));
  EXPECT_THAT(parse_profile("listen: {address: localhost}", "p").faults,
              ElementsAre(HasSubstr("host:port")));
}

TEST(Profile, refuses_any_origin_with_credentials) {
  EXPECT_THAT(parse_profile("cors: {origins: [\"*\"]}", "p").faults,
              ElementsAre(HasSubstr("cors.origins cannot be *")));
}

TEST(Profile, that_is_missing_is_a_fault_that_says_what_to_do) {
  EXPECT_THAT(host::config::load_profile("/nowhere/x.yaml").faults,
              ElementsAre(HasSubstr("cannot be read; give --profile")));
}

TEST(Units, are_read_strictly) {
  using namespace host::config;
  EXPECT_EQ(parse_size("32 KiB"), 32u << 10);
  EXPECT_EQ(parse_size("7"), 7u);
  EXPECT_EQ(parse_size("1GiB"), 1u << 30);
  for (const auto* text :
       {"", "KiB", "1 KB", "-1", "1.5 MiB", "99999999999999999999", "18446744073709551615 KiB"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_EQ(parse_duration("250 ms"), 250ms);
  EXPECT_EQ(parse_duration("2 h"), 2h);
  for (const auto* text : {"5", "5 sec", "", "9999999 d"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_EQ(parse_rate("5/min")->count, 5u);
  for (const auto* text : {"0/min", "5", "5/day", "/min"}) EXPECT_FALSE(parse_rate(text)) << text;
}

}  // namespace
