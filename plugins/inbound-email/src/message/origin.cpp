#include "origin.hpp"

#include <algorithm>

#include "clean_text.hpp"

namespace inbound {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char byte) {
    return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
  });
  return text;
}

}  // namespace

std::string_view name_of(Origin origin) {
  switch (origin) {
    case Origin::auto_reply:
      return "auto_reply";
    case Origin::bounce:
      return "bounce";
    case Origin::bulk:
      return "bulk";
    default:
      return "person";
  }
}

Origin judge_origin(const HeaderOf& header, std::string_view sender, std::string_view media_type,
                    std::string_view report_type) {
  const bool report = media_type == "multipart/report";
  if (report && (report_type == "delivery-status" || report_type.empty())) return Origin::bounce;
  const auto from = lower(std::string(sender));
  if (from.starts_with("mailer-daemon@") || from.starts_with("postmaster@") ||
      from == "mailer-daemon") {
    return Origin::bounce;
  }
  if (!header("X-Failed-Recipients").empty()) return Origin::bounce;
  if (report) return Origin::auto_reply;  // "your mail was displayed"
  const auto submitted = lower(header("Auto-Submitted"));
  if (submitted.starts_with("auto-replied")) return Origin::auto_reply;
  const auto precedence = lower(header("Precedence"));
  if (precedence == "auto_reply" || precedence == "auto-reply") return Origin::auto_reply;
  for (const auto* name :
       {"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From"}) {
    const auto value = lower(header(name));
    if (!value.empty() && value != "no") return Origin::auto_reply;
  }
  if (precedence == "bulk" || precedence == "list" || precedence == "junk") return Origin::bulk;
  if (!header("List-Id").empty() || !header("List-Unsubscribe").empty()) return Origin::bulk;
  // Web forms of the tenant's own site are sent so, too ("auto-generated"): they are enquiries.
  if (submitted.starts_with("auto-notified")) return Origin::auto_reply;
  if (header("Return-Path") == "<>") return Origin::auto_reply;
  return Origin::person;
}

std::optional<Bounce> read_delivery_status(std::string_view text) {
  Bounce bounce;
  const auto take = [](std::string_view line, std::string_view name, std::string& into) {
    if (!into.empty() || line.size() <= name.size()) return;
    if (lower(std::string(line.substr(0, name.size()))) != name) return;
    auto value = line.substr(name.size());
    const auto kind = value.find(';');  // "rfc822; anna@example.org"
    if (kind != std::string_view::npos) value.remove_prefix(kind + 1);
    into = clean_line(value, 320);
  };
  for (std::size_t at = 0; at < text.size() && at < (64U << 10U);) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    take(line, "final-recipient:", bounce.recipient);
    take(line, "original-recipient:", bounce.recipient);
    take(line, "action:", bounce.action);
    take(line, "status:", bounce.status);
    at = end + 1;
  }
  if (bounce.recipient.empty() && bounce.status.empty()) return std::nullopt;
  bounce.action = lower(bounce.action);
  return bounce;
}

}  // namespace inbound
