#include "mail_in/inbox.hpp"

#include <array>
#include <span>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "base/random.hpp"
#include "base/time.hpp"
#include "mail_in/recipient.hpp"

namespace host::mail_in {
namespace {

using Json = nlohmann::json;

constexpr auto kColumns = "id, sender, recipients, subject, via, content_type, size, received_at";
constexpr std::size_t kLongestSubject = 200;

Json list_of(const std::vector<Address>& recipients) {
  Json list = Json::array();
  for (const auto& recipient : recipients) list.push_back(recipient.text());
  return list;
}

std::string fingerprint(const Mail& mail, const std::string& recipients) {
  std::array<unsigned char, crypto_generichash_BYTES> digest{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  for (const std::string_view part : {std::string_view(recipients), std::string_view(mail.bytes)}) {
    const std::uint64_t size = part.size();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  crypto_generichash_final(&state, digest.data(), digest.size());
  std::string text(digest.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  text.pop_back();
  return text;
}

// For a list; not decoded. Anything may stand in a mail, not so in a text column.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, kLongestSubject));
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

Inbox::Entry entry_of(const storage::Rows& rows, std::size_t row) {
  return {rows.text(row, "id"),
          rows.text(row, "sender"),
          rows.text(row, "subject"),
          rows.text(row, "via"),
          rows.text(row, "content_type"),
          rows.text(row, "received_at"),
          Json::parse(rows.text(row, "recipients")).get<std::vector<std::string>>(),
          rows.integer(row, "size")};
}

Inbox::Use use_of(storage::Session& session) {
  const auto rows = session.query(
      "SELECT count(*) AS messages, CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes "
      "FROM mail_in_inbox");
  return {rows.integer(0, "messages"), rows.integer(0, "bytes")};
}

bool fits(const Inbox::Use& used, const InboxLimits& limits, std::uint64_t bytes) {
  return static_cast<std::uint64_t>(used.messages) < limits.messages &&
         static_cast<std::uint64_t>(used.bytes) + bytes <= limits.bytes;
}

}  // namespace

bool Inbox::keep(const Mail& mail, const std::vector<Address>& recipients) {
  const auto list = list_of(recipients).dump();
  const auto print = fingerprint(mail, list);
  const auto session = store_.platform();
  storage::Transaction transaction(*session);
  if (!session->query("SELECT 1 AS one FROM mail_in_inbox WHERE fingerprint = $1", {print})
           .empty()) {
    transaction.commit();  // whoever kept it may still be waiting for the disk; so do we
    return true;
  }
  if (!fits(use_of(*session), limits_, mail.bytes.size())) return false;
  session->execute(
      "INSERT INTO mail_in_inbox (id, fingerprint, sender, recipients, subject, via, content_type, "
      "size, received_at, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
      "ON CONFLICT (fingerprint) DO NOTHING",
      {uuid_v7(), print, mail.sender, list, shown(header_of(mail.bytes, "subject")), mail.via,
       mail.content_type, static_cast<std::int64_t>(mail.bytes.size()), to_text(now()),
       storage::Bytes(std::as_bytes(std::span(mail.bytes.data(), mail.bytes.size())))});
  transaction.commit();
  return true;
}

bool Inbox::has_room(std::uint64_t bytes) const { return fits(use(), limits_, bytes); }

Inbox::Use Inbox::use() const { return use_of(*store_.platform()); }

std::vector<Inbox::Entry> Inbox::list(std::string_view before, std::size_t limit) const {
  const auto session = store_.platform();
  const auto many = static_cast<std::int64_t>(limit);
  const auto select = std::string("SELECT ") + kColumns + " FROM mail_in_inbox ";
  const auto rows =
      before.empty()
          ? session->query(select + "ORDER BY id DESC LIMIT $1", {many})
          : session->query(select + "WHERE id < $1 ORDER BY id DESC LIMIT $2", {before, many});
  std::vector<Entry> all;
  for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(entry_of(rows, i));
  return all;
}

std::optional<Inbox::Entry> Inbox::find(std::string_view id) const {
  const auto rows = store_.platform()->query(
      std::string("SELECT ") + kColumns + " FROM mail_in_inbox WHERE id = $1", {id});
  return rows.empty() ? std::nullopt : std::optional(entry_of(rows, 0));
}

std::optional<Mail> Inbox::open(std::string_view id) const {
  const auto rows = store_.platform()->query(
      "SELECT sender, recipients, via, content_type, bytes FROM mail_in_inbox WHERE id = $1", {id});
  if (rows.empty()) return std::nullopt;
  Mail mail;
  mail.sender = rows.text(0, "sender");
  for (const auto& text : Json::parse(rows.text(0, "recipients")).get<std::vector<std::string>>())
    if (auto address = parse_address(text)) mail.recipients.push_back(std::move(*address));
  mail.via = rows.text(0, "via");
  mail.content_type = rows.text(0, "content_type");
  const auto bytes = rows.blob(0, "bytes");
  mail.bytes.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return mail;
}

bool Inbox::remove(std::string_view id) {
  return store_.platform()->execute("DELETE FROM mail_in_inbox WHERE id = $1", {id}) > 0;
}

}  // namespace host::mail_in
