#include "mail_in/delivery.hpp"

#include <span>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "mail_in/form.hpp"
#include "observe/log.hpp"

namespace host::mail_in {
namespace {

using Json = nlohmann::json;

Delivery::Result read_answer(const std::string& answer) {
  const auto said = Json::parse(answer, nullptr, false);
  const auto result = said.is_object() ? said.value("result", Json()) : Json();
  if (result == "stored") return {Outcome::stored, false, ""};
  if (result == "duplicate") return {Outcome::stored, true, ""};
  if (result == "refused") {
    const auto reason = said.value("reason", Json());
    return {Outcome::refused, false, reason.is_string() ? reason.get<std::string>() : "no reason"};
  }
  return {Outcome::later, false, "the plugin's answer is none: " + answer.substr(0, 200)};
}

}  // namespace

Delivery::Result Delivery::deliver(const CallToken& token, const Mail& mail,
                                   const std::vector<Address>& recipients) const {
  Result result;
  try {
    Json addresses = Json::array();
    for (const auto& recipient : recipients) addresses.push_back(recipient.text());
    Json payload{{"content_type", mail.content_type},
                 {"size", mail.bytes.size()},
                 {"sender", mail.sender},
                 {"recipients", std::move(addresses)},
                 {"via", mail.via}};
    FormParts parts;  // until after the call
    if (is_form(mail)) {
      parts = parts_of(mail, token, blobs_, keeper_);
      payload["form"] = std::move(parts.list);
    } else {
      const auto writer = blobs_.create(token);
      writer->write(std::as_bytes(std::span(mail.bytes.data(), mail.bytes.size())));
      payload["blob"] = parts.blobs.emplace_back(keeper_.commit_upload(token, *writer)).reference();
    }
    result = read_answer(
        call_(token, kReceive, payload.dump(-1, ' ', false, Json::error_handler_t::replace)));
  } catch (const Problem& problem) {
    // Whatever the plugin did not like: only `refused` says for good that it never will.
    result = {problem.status() == 413 ? Outcome::too_large : Outcome::later, false,
              problem.code() + ": " + problem.detail()};
  } catch (const std::exception& error) {
    result = {Outcome::later, false, error.what()};
  }
  if (result.outcome != Outcome::stored)
    observe::log(observe::Level::warning, "A mail could not be handed to its tenant.",
                 {{"tenant", token.tenant()},
                  {"request_id", token.request_id()},
                  {"again", result.outcome == Outcome::later},
                  {"reason", result.reason}});
  return result;
}

}  // namespace host::mail_in
