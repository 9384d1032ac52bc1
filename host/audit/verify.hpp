// Walking a chain from its first entry to its signed head. Used on the database by Audit::verify
// and on an export's lines by verify_export; one walker, so that both mean the same by "intact".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "audit/audit.hpp"

namespace host::audit {

class Walker {
 public:
  // `public_key`: hexadecimal.
  Walker(std::string chain, std::string public_key);
  // False once the chain is broken; the first fault stays.
  bool entry(const nlohmann::json& entry, std::string_view hash);
  // The signed head, after the last entry.
  Verdict head(std::uint64_t sequence, std::string_view hash, std::string_view signature);
  Verdict broken(std::string detail);
  // What was found wrong so far.
  const std::string& fault() const { return fault_; }

 private:
  std::string chain_, public_key_, previous_, fault_;
  std::uint64_t entries_ = 0;
};

}  // namespace host::audit
