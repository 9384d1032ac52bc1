// Somebody who signs plugins, and an operator's trust store that may know them.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/time.hpp"
#include "support/temporary_directory.hpp"
#include "trust/keys.hpp"
#include "trust/package.hpp"
#include "trust/policy.hpp"
#include "trust/signature.hpp"

namespace host::trust::testing {

using namespace std::chrono_literals;

inline const Timestamp kNow = parse_timestamp("2026-06-01T12:00:00Z");
constexpr auto kDay = std::chrono::hours(24);

inline void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

struct Author {
  SecretKey key = SecretKey::make();
  std::string id() const { return key_id(key.public_key()); }
  std::string key_file(const std::string& level = "verified") const {
    return to_text(
        PublicKeyFile{key.public_key(), "Ada", level, kNow - 10 * kDay, kNow + 10 * kDay});
  }
  std::string sign(const Hash& package, Timestamp from = kNow - kDay,
                   Timestamp to = kNow + kDay) const {
    return to_text(trust::sign(key, package, from, to));
  }
};

struct Operator {
  serai_test::TemporaryDirectory folder;
  Timestamp time = kNow;
  bool developer_mode = false;

  void trusts(const Author& author, const std::string& level = "verified",
              const std::string& more = "") {
    write(folder.path() / (author.id() + ".yaml"), author.key_file(level) + more);
  }
  void revokes(const std::string& yaml) {
    write(folder.path() / "revoked.yaml", "serai_revocations: 1\n" + yaml);
  }
  Policy policy() const {
    return Policy({folder.path(), developer_mode, [t = time] { return t; }});
  }
  // The refusal; empty: accepted.
  std::string judge(const Hash& package, const std::string& signature, bool isolated = false) {
    return policy().judge(package, signature, isolated, verdict);
  }
  Verdict verdict;
};

}  // namespace host::trust::testing
