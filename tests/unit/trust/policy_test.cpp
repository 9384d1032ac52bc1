// Who may run: signature, level, time, revocation, placement.
#include "trust/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/trust/author.hpp"

namespace host::trust::testing {
namespace {

using ::testing::HasSubstr;

const Hash kPackage = blake2b_256("a package");

struct TrustPolicy : ::testing::Test {
  Author ada;
  Operator op;
};

TEST_F(TrustPolicy, accepts_what_a_trusted_key_signed) {
  op.trusts(ada, "core");
  EXPECT_EQ(op.judge(kPackage, ada.sign(kPackage)), "");
  EXPECT_EQ(op.verdict.level, Level::core);
  EXPECT_EQ(op.verdict.key, ada.id());
  EXPECT_EQ(op.verdict.package, to_hex(kPackage));
  EXPECT_EQ(op.verdict.valid_until, kNow + kDay);
  EXPECT_TRUE(op.policy().may_run_in_process(op.verdict));
  EXPECT_THAT(op.judge(blake2b_256("another"), ada.sign(kPackage)), HasSubstr("was changed"));
  EXPECT_THAT(op.judge(blake2b_256("another"), ada.sign(kPackage), true), HasSubstr("was changed"))
      << "isolation does not make a broken signature good";
}

TEST_F(TrustPolicy, lets_unsigned_code_in_only_isolated_or_for_developers) {
  EXPECT_THAT(op.judge(kPackage, ""), HasSubstr("it is not signed"));
  EXPECT_EQ(op.judge(kPackage, "", true), "");
  EXPECT_EQ(op.verdict.level, Level::none);
  EXPECT_FALSE(op.policy().may_run_in_process(op.verdict));
  op.developer_mode = true;
  EXPECT_EQ(op.judge(kPackage, ""), "");
  EXPECT_TRUE(op.policy().may_run_in_process(op.verdict));
}

TEST_F(TrustPolicy, takes_a_stranger_for_unsigned) {
  EXPECT_THAT(op.judge(kPackage, ada.sign(kPackage)), HasSubstr("does not know"));
  EXPECT_EQ(op.verdict.key, ada.id()) << "the operator wants to know whom to trust";
  EXPECT_EQ(op.judge(kPackage, ada.sign(kPackage), true), "");
  EXPECT_EQ(op.verdict.level, Level::none);
  EXPECT_FALSE(op.policy().may_run_in_process(op.verdict));
}

TEST_F(TrustPolicy, minds_the_time_of_signature_and_key) {
  op.trusts(ada);
  const auto at = [&](Timestamp time, const std::string& signature) {
    op.time = time;
    return op.judge(kPackage, signature);
  };
  const auto brief = ada.sign(kPackage);
  EXPECT_THAT(at(kNow - kDay - 1s, brief), HasSubstr("valid only from"));
  EXPECT_EQ(at(kNow - kDay, brief), "");
  EXPECT_EQ(at(kNow + kDay - 1s, brief), "");
  EXPECT_THAT(at(kNow + kDay, brief), HasSubstr("has expired (2026-06-02T12:00:00Z)"));
  const auto boundless = ada.sign(kPackage, kNow - 1000 * kDay, kNow + 1000 * kDay);
  EXPECT_THAT(at(kNow - 11 * kDay, boundless), HasSubstr("valid only from")) << "the key's time";
  EXPECT_EQ(at(kNow, boundless), "");
  EXPECT_EQ(op.verdict.valid_until, kNow + 10 * kDay);
  EXPECT_THAT(at(kNow + 10 * kDay, boundless), HasSubstr("has expired"));
  op.developer_mode = true;
  EXPECT_THAT(at(kNow + 10 * kDay, boundless), HasSubstr("has expired"));
}

TEST_F(TrustPolicy, refuses_what_was_revoked_at_the_next_load) {
  op.trusts(ada, "core");
  op.developer_mode = true;
  const auto signature = ada.sign(kPackage);
  const auto policy = op.policy();
  Verdict verdict;
  ASSERT_EQ(policy.judge(kPackage, signature, false, verdict), "");
  op.revokes("packages: [\"" + to_hex(kPackage) + "\"]\n");
  EXPECT_THAT(policy.judge(kPackage, signature, true, verdict), HasSubstr("package is revoked"));
  EXPECT_THAT(policy.judge(kPackage, "", true, verdict), HasSubstr("package is revoked"))
      << "cutting the signature off does not help";
  EXPECT_EQ(policy.judge(blake2b_256("another"), "", true, verdict), "");
  op.revokes("keys: [\"" + ada.id() + "\"]\n");
  EXPECT_THAT(policy.judge(kPackage, signature, true, verdict), HasSubstr("revoked key"));
}

TEST_F(TrustPolicy, with_a_faulty_store_trusts_nobody) {
  op.trusts(ada, "core");
  write(op.folder.path() / "bad.yaml", "level: [");
  EXPECT_THAT(op.judge(kPackage, ada.sign(kPackage)), HasSubstr("the trust store has a fault"));
  EXPECT_THAT(op.judge(kPackage, "", true), HasSubstr("the trust store has a fault"))
      << "who knows what was revoked";
}

TEST_F(TrustPolicy, keeps_a_private_plugin_to_its_tenants) {
  op.trusts(ada, "tenant-private", "tenants: [lagoon]\n");
  ASSERT_EQ(op.judge(kPackage, ada.sign(kPackage)), "");
  EXPECT_TRUE(op.verdict.allows_tenant("lagoon"));
  EXPECT_FALSE(op.verdict.allows_tenant("reef"));
  EXPECT_FALSE(op.verdict.allows_tenant("")) << "a call without a tenant";
  EXPECT_TRUE(Verdict{}.allows_tenant("reef"));
}

}  // namespace
}  // namespace host::trust::testing
