// Who may run here: the operator's trust store, the time, and where the plugin is to run, turned
// into a verdict on one package. Any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "trust/package.hpp"
#include "trust/store.hpp"

namespace host::trust {

// What was found out about the bytes of one plugin. A plain value, kept with what was loaded.
struct Verdict {
  Level level = Level::none;
  std::string key;                             // key id; also of an unknown signer; empty: unsigned
  std::string package;                         // package hash, hexadecimal
  std::set<std::string, std::less<>> tenants;  // for tenant_private
  Timestamp valid_until{};                     // of signature and key; for level none: zero

  // A tenant-private plugin is for its tenants, whatever grants and settings say; "" is nobody.
  bool allows_tenant(std::string_view tenant) const {
    return level != Level::tenant_private || tenants.contains(tenant);
  }
};

class Policy {
 public:
  struct Options {
    std::filesystem::path store;  // folder; empty: nobody is trusted
    bool developer_mode = false;  // unsigned code may run in the host's process
    std::function<Timestamp()> clock = now;
  };

  explicit Policy(Options options) : options_(std::move(options)) {}
  bool developer_mode() const { return options_.developer_mode; }

  // The one question before code may run in this process: is it signed by somebody trusted, or is
  // this a developer's host?
  bool may_run_in_process(const Verdict& verdict) const {
    return verdict.level != Level::none || options_.developer_mode;
  }

  // Judges a package by its hash and its MANIFEST.sig ("" if there is none). Empty: it may run, in
  // this process or, if `isolated`, in a confined child only. Else one clear sentence without its
  // full stop. `verdict` says in both cases what could be found out. Reads the trust store anew, so
  // that a revocation counts from the next load on. Content is not looked at: package.hpp.
  std::string judge(const Hash& package, std::string_view signature, bool isolated,
                    Verdict& verdict) const;

 private:
  std::string judge_signature(const TrustStore& store, std::string_view text, const Hash& package,
                              Verdict& verdict) const;

  Options options_;
};

}  // namespace host::trust
