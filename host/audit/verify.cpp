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

Verdict Walker::broken(std::string detail) { return {false, entries_, std::move(detail)}; }

namespace {

// One chain of an export: from its line of type "chain", already read, to its signed head.
// `before`: the hash of the lines of the chains before it, which an entry of this one must name;
// empty: none.
class Chain {
 public:
  Chain(const json& first, std::string before)
      : walker_(first["chain"], first["public_key"]), before_(std::move(before)) {}

  // Nothing: go on.
  std::optional<Verdict> line(const json& document) {
    if (!document.is_object()) return walker_.broken("a line is not a JSON object");
    const auto type = document.value("type", json());
    if (type == "entry") return entry(document);
    if (type != "head") return walker_.broken("a line is neither an entry nor a head");
    const auto sequence = document.value("seq", json());
    const auto hash = document.value("hash", json());
    const auto signature = document.value("signature", json());
    if (!sequence.is_number_unsigned() || !hash.is_string() || !signature.is_string())
      return walker_.broken("the head is malformed");
    auto verdict = walker_.head(sequence.get<std::uint64_t>(), hash.get_ref<const std::string&>(),
                                signature.get_ref<const std::string&>());
    if (verdict.intact && !before_.empty())
      return walker_.broken("the imported history before it is not the one it names");
    return verdict;
  }
  Verdict broken(std::string detail) { return walker_.broken(std::move(detail)); }

 private:
  std::optional<Verdict> entry(const json& document) {
    const auto entry = document.value("entry", json());
    const auto hash = document.value("hash", json());
    if (!entry.is_object() || !hash.is_string()) return walker_.broken("an entry is malformed");
    if (!walker_.entry(entry, hash.get_ref<const std::string&>()))
      return walker_.broken(walker_.fault());
    const auto details = entry.find("details");
    if (!before_.empty() && details != entry.end() && details->is_object() &&
        details->value("audit_sha256", json()) == before_)
      before_.clear();
    return std::nullopt;
  }

  Walker walker_;
  std::string before_;
};

// An export is the chains of the houses a tenant has lived in, oldest first; mostly one.
Verdict walk(const std::function<bool(std::string& line)>& next,
             std::string_view expected_public_key) {
  std::string line;
  if (!next(line)) return {false, 0, "the export is empty"};
  HistoryHash history;
  std::uint64_t entries = 0;
  while (true) {
    const json first = json::parse(line, nullptr, false);
    if (!first.is_object() || first.value("type", json()) != "chain" ||
        !first.value("chain", json()).is_string() || !first.value("public_key", json()).is_string())
      return {
          false, entries,
          entries == 0 ? "the first line does not describe a chain" : "something follows the head"};
    Chain chain(first, history.digits());
    history.add(line);
    std::optional<Verdict> verdict;
    while (!verdict && next(line)) {
      verdict = chain.line(json::parse(line, nullptr, false));
      history.add(line);
    }
    if (!verdict) return chain.broken("the signed head is missing: the export was cut off");
    if (!verdict->intact) return *verdict;
    entries += verdict->entries;
    if (next(line)) {
      if (line.find("\"chain\"") == std::string::npos)
        return chain.broken("something follows the head");
      continue;
    }
    if (!expected_public_key.empty() && first["public_key"] != expected_public_key)
      return {false, 0, "the export was signed with another key than the expected one"};
    return {true, entries, ""};
  }
}

}  // namespace

Verdict verify_export(const std::function<bool(std::string& line)>& next) {
  return verify_export(next, "");
}

Verdict verify_export(const std::function<bool(std::string& line)>& next,
                      std::string_view expected_public_key) {
  try {
    return walk(next, expected_public_key);
  } catch (const nlohmann::json::exception&) {
    return {false, 0, "an entry is malformed"};
  }
}

}  // namespace host::audit
