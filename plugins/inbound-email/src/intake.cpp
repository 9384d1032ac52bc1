#include "intake.hpp"

#include "form.hpp"
#include "store_mail.hpp"

namespace inbound {
namespace {

constexpr std::uint64_t kLargestMail = 100U << 20;  // bytes: as much as the host lets in at most

// The address holds a word that only the newest one has.
void check_address(const serai::Request& request) {
  const auto rows =
      request.sql().query("SELECT word FROM inbound_email_addresses WHERE id = $1", "current");
  if (rows.empty() || rows.front().text("word") != request.path("link")) {
    throw serai::Problem(404, "address_replaced", "This address was replaced by another.");
  }
}

}  // namespace

serai::Json receive_form(serai::Request& request) {
  check_address(request);
  return store(request, mime_of_form(request, parts_of(request)), "form");
}

serai::Json receive_mime(serai::Request& request) {
  check_address(request);
  return store(request, request.body(), "mime");
}

serai::Json receive_service(serai::ServiceCall& call) {
  const auto via = call.field<std::string>("via");
  const auto blob = call.find_field<std::string>("blob");
  const auto stored =
      blob ? store(call, call.blobs().read_all(*blob, kLargestMail), via, *blob)
           : store(call, mime_of_form(call, parts_of(call.field<serai::Json>("form"))), via);
  // What cannot be read is stored all the same, among the refused with its reason.
  return {{"result", stored.contains("duplicate") ? "duplicate" : "stored"}};
}

serai::Response make_address(serai::Request& request) {
  const std::string word = request.clock().uuid();
  request.sql().execute(
      "INSERT INTO inbound_email_addresses (id, word) VALUES ($1, $2) "
      "ON CONFLICT (id) DO UPDATE SET word = excluded.word",
      "current", word);
  const std::string form(request.links().make("receive_form", word));
  const std::string mime(request.links().make("receive_mime", word));
  return serai::created({{"form", form}, {"mime", mime}});
}

}  // namespace inbound
