#include "other_plugins.hpp"

#include "message/clean_text.hpp"

namespace inbound {
namespace {

constexpr std::uint32_t kPatientAttempts = 2;

}  // namespace

Answered ask(const serai::Job& job, std::string_view service, const serai::Json& request) {
  if (!job.services().available(service)) {
    return {std::nullopt, "No plugin of this tenant offers " +
                              std::string(service.substr(0, service.find('/'))) + "."};
  }
  try {
    auto answer = job.services().call(service, request);
    if (!answer.is_object()) return {std::nullopt, "Another plugin's answer was no object."};
    return {std::move(answer), {}};
  } catch (const serai::Problem& problem) {
    if (problem.status >= 500 && job.attempt() <= kPatientAttempts) throw;
    job.log().warning("Another plugin did not do its part for a mail",
                      {{"service", service}, {"code", problem.code}});
    std::string reason = problem.detail;
    for (const auto& error : problem.errors) reason += " " + error.pointer + ": " + error.detail;
    return {std::nullopt, clean_line(reason, 500)};
  }
}

std::string text_in(const serai::Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void notify(const serai::Job& job, std::string_view ticket_id, const std::string& title,
            const std::string& text, const std::string& once_key) {
  if (!job.services().available("notifications.notify/1")) return;
  try {
    job.services().call("notifications.notify/1", {{"type", "email_received"},
                                                   {"title", clean_line(title, 200)},
                                                   {"message", clean_line(text, 500)},
                                                   {"entity_type", "ticket"},
                                                   {"entity_id", ticket_id},
                                                   {"metadata", {{"ticket_id", ticket_id}}},
                                                   {"once_key", once_key}});
  } catch (const serai::Problem& problem) {
    job.log().warning("Nobody was notified of a mail", {{"code", problem.code}});
  }
}

}  // namespace inbound
