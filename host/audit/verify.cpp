#include "audit/verify.hpp"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "audit/chain.hpp"

namespace host::audit {

using nlohmann::json;

Walker::Walker(std::string chain, std::string public_key)
    : chain_(std::move(chain)), public_key_(std::move(public_key)), previous_(kGenesis) {}

bool Walker::entry(const json& entry, std::string_view hash) {
  if (!fault_.empty()) return false;
  const std::uint64_t expected = entries_ + 1;
  const std::string where = "entry " + std::to_string(expected);
  const auto sequence = entry.find("seq");
  if (sequence == entry.end() || !sequence->is_number_integer() ||
      *sequence != static_cast<std::int64_t>(expected)) {
    fault_ = where + " is missing or out of order";
  } else if (entry.value("chain", "") != chain_) {
    fault_ = where + " belongs to another chain";
  } else if (entry.value("previous", "") != previous_) {
    fault_ = where + " does not follow from the entry before it";
  } else if (hash_entry(entry) != hash) {
    fault_ = where + " was changed after it had been written";
  }
  if (!fault_.empty()) return false;
  previous_ = hash;
  entries_ = expected;
  return true;
}

Verdict Walker::head(std::uint64_t sequence, std::string_view hash, std::string_view signature) {
  if (!fault_.empty()) return broken(fault_);
  if (!verify_head(public_key_, signature, chain_, sequence, hash))
    return broken("the signature of the head is not valid");
  if (sequence != entries_)
    return broken("the signed head counts " + std::to_string(sequence) +
                  " entries, but there are " + std::to_string(entries_));
  if (hash != previous_) return broken("the signed head names another last entry");
  return {true, entries_, ""};
}

Verdict Walker::broken(std::string detail) const { return {false, entries_, std::move(detail)}; }

void ExportReader::line(const std::string& text) {
  if (!fault_) {
    try {
      chain_ ? in_chain(text) : begin_chain(text);
    } catch (const json::exception&) {
      fault_ = {false, 0, "an entry is malformed"};
    }
  }
  history_.add(text);
  ++lines_;
}

void ExportReader::begin_chain(const std::string& text) {
  const json first = json::parse(text, nullptr, false);
  if (!first.is_object() || first.value("type", json()) != "chain" ||
      !first.value("chain", json()).is_string() || !first.value("public_key", json()).is_string()) {
    fault_ = {
        false, entries_,
        lines_ == 0 ? "the first line does not describe a chain" : "something follows the head"};
    return;
  }
  key_ = first["public_key"];
  to_name_ = history_.digits();
  chain_.emplace(first["chain"], key_);
}

void ExportReader::in_chain(const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) {
    fault_ = chain_->broken("a line is not a JSON object");
    return;
  }
  const auto type = document.value("type", json());
  if (type == "entry") {
    fault_ = entry(document);
    return;
  }
  const auto sequence = document.value("seq", json());
  const auto hash = document.value("hash", json());
  const auto signature = document.value("signature", json());
  if (type != "head") {
    fault_ = chain_->broken("a line is neither an entry nor a head");
  } else if (!sequence.is_number_unsigned() || !hash.is_string() || !signature.is_string()) {
    fault_ = chain_->broken("the head is malformed");
  } else {
    auto verdict = chain_->head(sequence.get<std::uint64_t>(), hash.get_ref<const std::string&>(),
                                signature.get_ref<const std::string&>());
    if (verdict.intact && !to_name_.empty())
      verdict = chain_->broken("the imported history before it is not the one it names");
    entries_ += verdict.intact ? verdict.entries : 0;
    if (!verdict.intact) fault_ = std::move(verdict);
    chain_.reset();
  }
}

std::optional<Verdict> ExportReader::entry(const json& document) {
  const auto entry = document.value("entry", json());
  const auto hash = document.value("hash", json());
  if (!entry.is_object() || !hash.is_string()) return chain_->broken("an entry is malformed");
  if (!chain_->entry(entry, hash.get_ref<const std::string&>()))
    return chain_->broken(chain_->fault());
  const auto details = entry.find("details");
  if (!to_name_.empty() && details != entry.end() && details->is_object() &&
      details->value("audit_sha256", json()) == to_name_)
    to_name_.clear();
  return std::nullopt;
}

Verdict ExportReader::verdict(std::string_view expected_public_key) const {
  if (fault_) return *fault_;
  if (lines_ == 0) return {false, 0, "the export is empty"};
  if (chain_) return chain_->broken("the signed head is missing: the export was cut off");
  if (!expected_public_key.empty() && key_ != expected_public_key)
    return {false, 0, "the export was signed with another key than the expected one"};
  return {true, entries_, ""};
}

Verdict verify_export(const std::function<bool(std::string& line)>& next) {
  return verify_export(next, "");
}

Verdict verify_export(const std::function<bool(std::string& line)>& next,
                      std::string_view expected_public_key) {
  ExportReader reader;
  std::string line;
  while (!reader.broken() && next(line)) reader.line(line);
  return reader.verdict(expected_public_key);
}

}  // namespace host::audit
