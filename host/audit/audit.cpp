#include "audit/audit.hpp"

#include <optional>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "audit/chain.hpp"
#include "audit/verify.hpp"
#include "base/problem.hpp"
#include "base/time.hpp"

namespace host::audit {
namespace {

using nlohmann::json;
using storage::Session;
using storage::Transaction;

// No tenant can have this id: '@' is not allowed in one.
const std::string kPlatformChain = "@platform";
constexpr std::size_t kPage = 1000;
constexpr std::size_t kMaxDetails = 16 << 10;

storage::MigrationSet schema() {
  return {"audit",
          {{1, "create_chains",
            R"(
CREATE TABLE audit_entries (
  chain text NOT NULL,
  seq bigint NOT NULL,
  at timestamp NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL,
  actor text NOT NULL,
  target text NOT NULL,
  address text NOT NULL,
  request_id text NOT NULL,
  details text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (chain, seq)
);
CREATE TABLE audit_heads (
  chain text NOT NULL,
  seq bigint NOT NULL,
  hash text NOT NULL,
  signature text NOT NULL,
  PRIMARY KEY (chain)
);
CREATE TABLE audit_keys (
  id text NOT NULL,
  seed text NOT NULL,
  PRIMARY KEY (id)
);
)",
            "DROP TABLE audit_keys; DROP TABLE audit_heads; DROP TABLE audit_entries;"},
           {2, "create_imported",
            "CREATE TABLE audit_imported (chain text NOT NULL, line bigint NOT NULL, content text "
            "NOT NULL, PRIMARY KEY (chain, line));",
            "DROP TABLE audit_imported;"}}};
}

// PostgreSQL's text holds no NUL: it becomes the sign for what is no character, as other such bytes
// do in canonical().
std::string without_nul(std::string text) {
  for (auto at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
    text.replace(at, 1, "\xef\xbf\xbd");
  }
  return text;
}

std::string chain_of(const CallToken& token) {
  return token.tenant().empty() ? kPlatformChain : token.tenant();
}

json entry_from(const storage::Rows& rows, std::size_t row) {
  return {{"seq", rows.integer(row, "seq")},
          {"chain", rows.text(row, "chain")},
          {"at", rows.text(row, "at")},
          {"action", rows.text(row, "action")},
          {"outcome", rows.text(row, "outcome")},
          {"actor", rows.text(row, "actor")},
          {"target", rows.text(row, "target")},
          {"address", rows.text(row, "address")},
          {"request_id", rows.text(row, "request_id")},
          {"details", json::parse(rows.text(row, "details"), nullptr, false)},
          {"previous", rows.text(row, "previous")}};
}

constexpr const char* kColumns =
    "chain, seq, at, action, outcome, actor, target, address, request_id, details, previous, hash";

class SqlAudit final : public Audit {
 public:
  SqlAudit(storage::Store& store, Options options) : store_(store) {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
    store_.register_platform(schema());
    store_.migrate_platform();
    if (options.signing_seed.empty()) options.signing_seed = kept_seed();
    key_ = signing_key_from_seed(options.signing_seed);
  }

  void record(const CallToken& token, const Event& event, const json& details) override {
    append(chain_of(token), event, details);
  }

  void record_platform(const Event& event, const json& details) override {
    append(kPlatformChain, event, details);
  }

  json list(const CallToken& token, std::uint64_t before, std::size_t limit) override {
    const auto session = store_.platform();
    const auto bound = before == 0 || before > static_cast<std::uint64_t>(INT64_MAX)
                           ? INT64_MAX
                           : static_cast<std::int64_t>(before);
    const auto rows =
        session->query(std::string("SELECT ") + kColumns +
                           " FROM audit_entries WHERE chain = $1 AND seq < $2 ORDER BY seq DESC "
                           "LIMIT $3",
                       {chain_of(token), bound, static_cast<std::int64_t>(limit)});
    json out = json::array();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto entry = entry_from(rows, row);
      entry["hash"] = rows.text(row, "hash");
      out.push_back(std::move(entry));
    }
    return out;
  }

  void export_chain(const CallToken& token, const std::function<void(std::string_view line)>& out,
                    std::uint64_t from) override {
    const auto chain = chain_of(token);
    const auto before = imported_lines(chain);
    read_imported(chain, from, [&](const std::string& line) { out(line); });
    if (from <= before)
      out(canonical(
          {{"type", "chain"}, {"format", 1}, {"chain", chain}, {"public_key", public_key()}}));
    const auto known = from > before ? from - before - 1 : 0;
    const Head head = walk(chain, known, [&](const json& entry, const std::string& hash) {
      out(canonical({{"type", "entry"}, {"entry", entry}, {"hash", hash}}));
      return true;
    });
    out(canonical({{"type", "head"},
                   {"seq", head.sequence},
                   {"hash", head.hash},
                   {"signature", head.signature}}));
  }

  Verdict verify(const CallToken& token) override {
    const auto chain = chain_of(token);
    Walker walker(chain, public_key());
    const Head head = walk(chain, 0, [&](const json& entry, const std::string& hash) {
      return walker.entry(entry, hash);
    });
    return walker.head(head.sequence, head.hash, head.signature);
  }

  void import_lines(const CallToken& token, std::uint64_t from,
                    const std::vector<std::string>& lines) override {
    if (token.tenant().empty())
      throw forbidden("no_tenant", "The platform's audit record takes no other house's.");
    auto number = static_cast<std::int64_t>(from);
    const auto session = store_.platform();
    Transaction transaction(*session);
    session->execute("DELETE FROM audit_imported WHERE chain = $1 AND line >= $2",
                     {token.tenant(), number});
    for (const auto& line : lines)
      session->execute("INSERT INTO audit_imported (chain, line, content) VALUES ($1, $2, $3)",
                       {token.tenant(), number++, line});
    transaction.commit();
  }

  Imported imported(const CallToken& token, const Imported& before) override {
    ExportReader reader = before.read ? *before.read : ExportReader();
    std::optional<std::string> last;
    read_imported(chain_of(token), reader.lines(), [&](const std::string& line) {
      if (last) reader.line(*last);
      last = line;
    });
    Imported result;
    if (!last) return result;
    result.read = std::make_shared<const ExportReader>(reader);
    reader.line(*last);
    result.lines = reader.lines();
    result.sha256 = reader.sha256();
    result.verdict = reader.verdict("");
    return result;
  }

  std::string public_key() override {
    return to_hex(key_.public_key.data(), key_.public_key.size());
  }

  void destroy(const CallToken& token) override {
    if (token.tenant().empty())
      throw forbidden("no_tenant", "The platform's audit record cannot be removed.");
    const auto session = store_.platform();
    Transaction transaction(*session);
    session->execute("DELETE FROM audit_entries WHERE chain = $1", {token.tenant()});
    session->execute("DELETE FROM audit_heads WHERE chain = $1", {token.tenant()});
    session->execute("DELETE FROM audit_imported WHERE chain = $1", {token.tenant()});
    transaction.commit();
  }

 private:
  struct Head {
    std::uint64_t sequence = 0;
    std::string hash = kGenesis, signature;
  };

  std::uint64_t imported_lines(const std::string& chain) {
    return static_cast<std::uint64_t>(
        store_.platform()
            ->query("SELECT coalesce(max(line) + 1, 0) AS n FROM audit_imported WHERE chain = $1",
                    {chain})
            .integer(0, "n"));
  }

  void read_imported(const std::string& chain, std::uint64_t from,
                     const std::function<void(const std::string& line)>& out) {
    const auto session = store_.platform();
    auto last = static_cast<std::int64_t>(from) - 1;
    while (true) {
      const auto rows = session->query(
          "SELECT line, content FROM audit_imported WHERE chain = $1 AND line > $2 ORDER BY line "
          "LIMIT $3",
          {chain, last, static_cast<std::int64_t>(kPage)});
      for (std::size_t row = 0; row < rows.size(); ++row) {
        last = rows.integer(row, "line");
        out(rows.text(row, "content"));
      }
      if (rows.size() < kPage) return;
    }
  }

  std::string kept_seed() {
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    randombytes_buf(seed.data(), seed.size());
    const auto session = store_.platform();
    session->execute(
        "INSERT INTO audit_keys (id, seed) VALUES ('heads', $1) ON CONFLICT (id) DO NOTHING",
        {to_hex(seed.data(), seed.size())});
    const auto text =
        session->query("SELECT seed FROM audit_keys WHERE id = 'heads'").text(0, "seed");
    std::string kept(crypto_sign_SEEDBYTES, '\0');
    std::size_t length = 0;
    sodium_hex2bin(reinterpret_cast<unsigned char*>(kept.data()), kept.size(), text.data(),
                   text.size(), nullptr, &length, nullptr);
    kept.resize(length);
    return kept;
  }

  Head head_of(Session& session, const std::string& chain) {
    const auto rows =
        session.query("SELECT seq, hash, signature FROM audit_heads WHERE chain = $1", {chain});
    if (!rows.empty())
      return {static_cast<std::uint64_t>(rows.integer(0, "seq")), rows.text(0, "hash"),
              rows.text(0, "signature")};
    return {0, kGenesis, sign_head(key_, chain, 0, kGenesis)};
  }

  void append(const std::string& chain, const Event& event, const json& details) {
    // Through canonical text and back, so that what is hashed is what any reader will see again.
    auto text = canonical(details.is_null() ? json::object() : details);
    if (text.size() > kMaxDetails) text = R"({"truncated":true})";
    json entry = {{"at", to_text(now())},
                  {"action", without_nul(event.action)},
                  {"outcome", without_nul(event.outcome)},
                  {"actor", without_nul(event.actor)},
                  {"target", without_nul(event.target)},
                  {"address", without_nul(event.address)},
                  {"request_id", without_nul(event.request_id)}};
    entry = json::parse(canonical(entry));
    entry["details"] = json::parse(text);
    entry["chain"] = chain;

    const auto session = store_.platform();
    Transaction transaction(*session);
    const Head head = head_of(*session, chain);
    const std::uint64_t sequence = head.sequence + 1;
    entry["seq"] = static_cast<std::int64_t>(sequence);
    entry["previous"] = head.hash;
    const std::string hash = hash_entry(entry);
    const auto number = static_cast<std::int64_t>(sequence);
    const auto field = [&](const char* name) -> const std::string& {
      return entry[name].get_ref<const std::string&>();
    };
    session->execute(
        std::string("INSERT INTO audit_entries (") + kColumns +
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {chain, number, field("at"), field("action"), field("outcome"), field("actor"),
         field("target"), field("address"), field("request_id"), text, head.hash, hash});
    session->execute(
        "INSERT INTO audit_heads (chain, seq, hash, signature) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, "
        "signature = excluded.signature",
        {chain, number, hash, sign_head(key_, chain, sequence, hash)});
    transaction.commit();
  }

  // Feeds the entries behind `known` up to the head that stood at the start; later ones are not of
  // this reading. A head that was given out must not be gone after a loss of power: a transaction
  // waits for what it has seen.
  Head walk(const std::string& chain, std::uint64_t known,
            const std::function<bool(const json& entry, const std::string& hash)>& visit) {
    const auto session = store_.platform();
    Transaction transaction(*session);
    const Head head = head_of(*session, chain);
    transaction.commit();
    auto last = static_cast<std::int64_t>(known);
    while (true) {
      const auto rows = session->query(
          std::string("SELECT ") + kColumns +
              " FROM audit_entries WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3",
          {chain, last, static_cast<std::int64_t>(kPage)});
      for (std::size_t row = 0; row < rows.size(); ++row) {
        last = rows.integer(row, "seq");
        // An entry above the head is a fault only if the head has not moved on meanwhile.
        if (static_cast<std::uint64_t>(last) > head.sequence &&
            head_of(*session, chain).sequence >= static_cast<std::uint64_t>(last))
          return head;
        if (!visit(entry_from(rows, row), rows.text(row, "hash"))) return head;
      }
      if (rows.size() < kPage) return head;
    }
  }

  storage::Store& store_;
  SigningKey key_;
};

}  // namespace

std::unique_ptr<Audit> make_audit(storage::Store& store, Options options) {
  return std::make_unique<SqlAudit>(store, std::move(options));
}

}  // namespace host::audit
