#include "auto_quote.hpp"

#include <algorithm>

#include "details.hpp"
#include "message/clean_text.hpp"
#include "other_plugins.hpp"

namespace inbound {
namespace {

constexpr std::size_t kLongestMessage = 4000;  // bytes of the mail that the quote keeps
constexpr int kAssumedAdults = 2;
// Whoever reads the quote reads it in this language: more of the mail's words are of it than of all
// others together.
constexpr double kSureOfLanguage = 0.5;
// A machine that answers quotes with enquiries is stopped by this.
constexpr std::int64_t kMostQuotesADay = 3;
constexpr std::uint32_t kLastWithQuote = 3;  // attempt of the job

// Nobody reads what is sent to such an address.
bool reads_nothing(const std::string& email) {
  std::string local;
  for (const char byte : email.substr(0, email.find('@'))) {
    if (byte != '-' && byte != '_' && byte != '.') local += byte;
  }
  for (const auto* word : {"noreply", "donotreply", "mailerdaemon", "nichtantworten"}) {
    if (local.find(word) != std::string::npos) return true;
  }
  return false;
}

std::int64_t quotes_today(const serai::Call& call, const std::string& customer) {
  return call.sql()
      .query(
          "SELECT count(*) AS n FROM inbound_email_tickets WHERE customer_email = $1 AND "
          "created_at > $2 AND quote_id IS NOT NULL",
          customer, serai::to_text(call.clock().now() - std::chrono::hours(24)))
      .front()
      .integer("n");
}

serai::Json request_of(const QuotedMail& mail, const std::string& mode) {
  const auto& enquiry = mail.enquiry;
  const auto& message = mail.message;
  serai::Json customer{
      {"email", message.reply_to.email},
      {"name", message.from.name.empty() ? message.reply_to.email : message.from.name}};
  if (enquiry.phone) customer["phone"] = enquiry.phone->value;
  serai::Json request{{"customer", std::move(customer)},
                      {"destination", nullptr},
                      {"check_in", nullptr},
                      {"nights", nullptr},
                      {"adults", enquiry.adults ? enquiry.adults->value : kAssumedAdults},
                      {"children_ages", serai::Json::array()},
                      {"message", clean_text(mail.text, kLongestMessage)},
                      {"source", {{"kind", "email"}, {"ticket", mail.ticket_id}}},
                      {"mode", mode},
                      {"idempotency_key", "inbound-email:" + mail.mail_id}};
  if (!enquiry.destinations.empty()) request["destination"] = enquiry.destinations.front().value;
  if (!enquiry.hotels.empty()) {
    request["hotels"] = serai::Json::array();
    for (const auto& hotel : enquiry.hotels) request["hotels"].push_back(hotel.value);
  }
  if (enquiry.check_in) request["check_in"] = text_of(enquiry.check_in->value);
  if (enquiry.nights) request["nights"] = enquiry.nights->value;
  for (const auto& age : enquiry.children_ages) request["children_ages"].push_back(age.value);
  if (enquiry.rooms) request["rooms"] = enquiry.rooms->value;
  if (enquiry.language.confidence > kSureOfLanguage)
    request["language"] = code_of(enquiry.language.value);
  return request;
}

Quoted none(serai::Json metadata, const char* status, std::string reason) {
  metadata["status"] = status;
  metadata["reason"] = std::move(reason);
  return {std::move(metadata), std::nullopt, {}, false};
}

}  // namespace

std::optional<Quoted> auto_quote(const serai::Job& job, const QuotedMail& mail,
                                 const Readiness& readiness) {
  const std::string wanted(job.config().text("auto_quote"));
  if (wanted == "off" || !mail.enquiry.is_enquiry || mail.message.origin != Origin::person) {
    return std::nullopt;
  }
  serai::Json metadata{{"mode", wanted}, {"confidence", readiness.confidence}};
  if (mail.enquiry.destinations.empty() && mail.enquiry.hotels.empty()) {
    return none(std::move(metadata), "none",
                "The mail names no destination and no hotel of the tenant.");
  }
  if (reads_nothing(mail.message.reply_to.email)) {
    return none(std::move(metadata), "none", "Nobody reads what is sent to the sender's address.");
  }
  if (quotes_today(job, mail.message.reply_to.email) >= kMostQuotesADay) {
    return none(std::move(metadata), "none",
                "This customer has had three quotes by themselves within a day.");
  }
  if (job.attempt() > kLastWithQuote) {
    return none(std::move(metadata), "failed", "The earlier attempts to make the quote failed.");
  }
  const bool sure = readiness.confidence >= job.config().real("auto_quote_confidence");
  const std::string mode = wanted == "send" && sure ? "send" : "draft";
  if (wanted == "send" && !sure) {
    metadata["held_back"] = "What the mail asks for is not clear enough to send a quote unseen.";
  }
  if (!mail.enquiry.adults) metadata["assumed"] = {{"adults", kAssumedAdults}};
  const auto asked = ask(job, "quotes.request/1", request_of(mail, mode));
  if (!asked.answer) return none(std::move(metadata), "failed", asked.reason);
  const auto& answer = *asked.answer;
  Quoted quoted;
  quoted.quote_id = text_in(answer, "quote_id");
  quoted.quote_number = text_in(answer, "quote_number");
  if (quoted.quote_id->empty()) {
    return none(std::move(metadata), "failed", "The answer of the plugin for quotes names none.");
  }
  quoted.sent = text_in(answer, "status") == "sent";
  metadata["status"] = quoted.sent ? "sent" : "draft";
  metadata["quote_id"] = *quoted.quote_id;
  metadata["quote_number"] = quoted.quote_number;
  metadata["total"] = answer.value("total", serai::Json());
  if (auto reason = text_in(answer, "unpriced"); !reason.empty()) metadata["reason"] = reason;
  quoted.metadata = std::move(metadata);
  return quoted;
}

}  // namespace inbound
