#include "intake.hpp"

#include "form.hpp"
#include "store_mail.hpp"

namespace inbound {
namespace {

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
  return store(request, mime_of_form(request), "form");
}

serai::Json receive_mime(serai::Request& request) {
  check_address(request);
  return store(request, request.body(), "mime");
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
