#include "input.hpp"

#include <algorithm>

#include "channel.hpp"
#include "passage.hpp"
#include "schema.hpp"

namespace serai::check {
namespace {

std::string encoded(const std::string& text, const char* safe) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || (byte != 0 && std::string_view(safe).find(c) != std::string::npos)) {
      out += c;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

std::string content_type(const Answer& answer) {
  for (const auto& [name, value] : answer.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower == "content-type") return value;
  }
  return {};
}

bool is_code(const std::string& code) {
  return !code.empty() && code.size() <= 60 &&
         code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

bool has_utf8_target(const Input& input) {
  const auto good = [](const std::string& text) { return good_utf8({text.data(), text.size()}); };
  return good(input.path) && std::all_of(input.query.begin(), input.query.end(), [&](auto& pair) {
           return good(pair.first) && good(pair.second);
         });
}

// What the plugin told its log, for whoever has to find the fault.
std::string complaint() {
  House* house = House::present();
  if (house == nullptr) return {};
  const std::lock_guard lock(house->mutex());
  return house->last_complaint.empty() ? "" : "; its log: " + house->last_complaint.substr(0, 200);
}

// Words that are for a log and never for a client.
const char* inner_word(const std::string& text) {
  for (const char* word : {"json.exception", "basic_string", "std::", "SELECT ", "INSERT INTO",
                           "vector::", "/home/", "bad_alloc", "syntax error"})
    if (text.find(word) != std::string::npos) return word;
  return nullptr;
}

void judge_problem(const Input& input, int status, const std::string& code,
                   const std::string& detail) {
  if (!is_code(code))
    find(Law::answer, input.name + " refuses with the code \"" + code.substr(0, 60) +
                          "\", which is no snake_case word.");
  if (const char* word = inner_word(detail))
    find(Law::answer, input.name + " refuses with a text that tells of its inside (" + word +
                          "): " + detail.substr(0, 120));
  if (status == 500 && input.admissible && code != "injected" && code != "no_answer")
    find(Law::internal, input.name + " fails with 500 (" + code + ": " + detail.substr(0, 120) +
                            ") for input it must expect: " + input.target().substr(0, 120) + " " +
                            input.body.substr(0, 160) + complaint());
}

void judge_json(const Input& input, const Answer& answer) {
  const Json body = Json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) {
    find(Law::answer, input.name + " answers " + std::to_string(answer.http) +
                          " with JSON that is not well-formed: " + answer.body.substr(0, 80));
    return;
  }
  if (answer.http >= 400) {
    const auto text = [&](const char* name) {
      return body.is_object() && body.contains(name) && body[name].is_string()
                 ? body[name].get<std::string>()
                 : std::string();
    };
    judge_problem(input, answer.http, text("code"), text("detail"));
    if (body.is_object() && body.contains("status") && body["status"] != answer.http)
      find(Law::answer, input.name + " answers " + std::to_string(answer.http) +
                            " with a problem whose status is " + body["status"].dump() + ".");
    return;
  }
  if (input.declared == nullptr || !input.declared->contains("response") || answer.http >= 300)
    return;
  const auto faults = testing::check_schema((*input.declared)["response"], body);
  if (!faults.empty())
    find(Law::shape, input.name + " answers what its manifest does not declare: " +
                         faults.front().pointer + ": " + faults.front().detail);
}

}  // namespace

std::string Input::target() const {
  std::string target = encoded(path, "-._~/@:");
  for (std::size_t i = 0; i < query.size(); ++i)
    target += (i == 0 ? "?" : "&") + encoded(query[i].first, "-._~") + "=" +
              encoded(query[i].second, "-._~");
  return target;
}

std::string Answer::bytes() const {
  std::string text = std::to_string(status) + " " + std::to_string(http) + " " + code + "\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\n";
  return text + "\n" + body + detail;
}

void judge(const Input& input, const Answer& answer) {
  if (answer.escaped) return;
  if (answer.status > 0)
    find(Law::answer, input.name + " returns " + std::to_string(answer.status) +
                          ": positive statuses are reserved.");
  const bool is_message = input.kind == SERAI_HANDLER_JOB || input.kind == SERAI_HANDLER_EVENT;
  if (answer.status < 0) {
    // A job that fails is tried again; what it says is for the log.
    if (!is_message) judge_problem(input, answer.http, answer.code, answer.detail);
    return;
  }
  if (is_message) return;
  if (!answer.answered) {
    find(Law::answer, input.name + " returns 0 without an answer.");
    return;
  }
  if (input.kind == SERAI_HANDLER_SERVICE) return;
  if (answer.http < 200 || answer.http > 599)
    find(Law::answer, input.name + " answers with the status " + std::to_string(answer.http) + ".");
  if ((answer.http == 204 || answer.http == 304) && !answer.body.empty())
    find(Law::answer, input.name + " answers " + std::to_string(answer.http) + " with a body.");
  // The host lets only UTF-8 into paths and queries; what is made of other bytes does not matter.
  if (content_type(answer).find("json") != std::string::npos && has_utf8_target(input))
    judge_json(input, answer);
}

}  // namespace serai::check
