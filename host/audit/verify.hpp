// Walking a chain from its first entry to its signed head. Used on the database by Audit::verify
// and on an export's lines by verify_export; one walker, so that both mean the same by "intact".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "audit/audit.hpp"
#include "audit/chain.hpp"

namespace host::audit {

class Walker {
 public:
  // `public_key`: hexadecimal.
  Walker(std::string chain, std::string public_key);
  // False once the chain is broken; the first fault stays.
  bool entry(const nlohmann::json& entry, std::string_view hash);
  // The signed head, after the last entry.
  Verdict head(std::uint64_t sequence, std::string_view hash, std::string_view signature);
  Verdict broken(std::string detail) const;
  // What was found wrong so far.
  const std::string& fault() const { return fault_; }

 private:
  std::string chain_, public_key_, previous_, fault_;
  std::uint64_t entries_ = 0;
};

// Reads an export line by line: the chains of the houses a tenant has lived in, oldest first;
// mostly one. A value: a copy goes on from where it was made.
class ExportReader {
 public:
  void line(const std::string& text);
  // A fault was found; what follows is only counted.
  bool broken() const { return fault_.has_value(); }
  std::uint64_t lines() const { return lines_; }
  // Over the lines, each with its line feed.
  std::string sha256() const { return history_.digits(); }
  // As if the export ended here. `expected_public_key`: that signed the last chain; empty: any.
  Verdict verdict(std::string_view expected_public_key) const;

 private:
  void begin_chain(const std::string& text);
  void in_chain(const std::string& text);
  std::optional<Verdict> entry(const nlohmann::json& document);

  HistoryHash history_;
  std::uint64_t lines_ = 0;
  std::optional<Walker> chain_;  // of the chain whose head has not come yet
  std::string key_;              // that signs it, or has signed the last one
  std::string to_name_;          // what an entry of it has to name still: the history before
  std::uint64_t entries_ = 0;    // of the chains that are whole
  std::optional<Verdict> fault_;
};

}  // namespace host::audit
