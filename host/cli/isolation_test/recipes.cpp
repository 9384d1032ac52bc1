#include "cli/isolation_test/recipes.hpp"

#include <chrono>
#include <functional>
#include <stdexcept>

#include "auth/second_factor.hpp"
#include "base/random.hpp"

namespace host::cli::isolation_test {
namespace {

// Another one in each tenant: with the right password anybody may sign in.
std::string password_of(const Side& side) { return "Pw-" + side.marks.stem() + "-9d2f"; }

std::string from_base32(const std::string& text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  unsigned bits = 0, buffer = 0;
  for (const char c : text) {
    buffer = buffer << 5 | static_cast<unsigned>(kAlphabet.find(c) & 31);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(buffer >> bits & 0xff);
  }
  return out;
}

std::string code_for(const std::string& secret, int steps_ahead) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  return auth::totp_code(from_base32(secret), static_cast<std::uint64_t>(now / 30 + steps_ahead));
}

Json told(const Answer& answer) {
  if (!answer.good())
    throw std::runtime_error(std::to_string(answer.status) + " " + answer.body.substr(0, 300));
  return Json::parse(answer.body);
}

Json call(TestHouse& house, const Actor& actor, const std::string& method, const std::string& path,
          const Json& body = nullptr) {
  Ask ask{method, path};
  if (!actor.authorization.empty()) ask.headers = {{"Authorization", actor.authorization}};
  if (!body.is_null()) {
    ask.body = body.dump();
    ask.content_type = "application/json";
  }
  return told(house.door().send(ask));
}

Prepared with_body(Actor actor, Json body) {
  Prepared prepared{std::move(actor), {}};
  prepared.shape.has_body = true;
  prepared.shape.body = std::move(body);
  return prepared;
}

// A consultant of one request: whatever it does to its account hurts nobody else.
Actor passer_by(TestHouse& house, Side& side) {
  return house.make_person(side, "consultant", password_of(side));
}

Prepared login(TestHouse& house, Side& side) {
  const auto actor = passer_by(house, side);
  return with_body(
      actor, {{"email", actor.email}, {"password", password_of(side)}, {"tenant_id", side.id}});
}

Prepared reset(TestHouse& house, Side& side) {
  const auto actor = passer_by(house, side);
  call(house, {}, "POST", "/api/v1/auth/password/reset",
       {{"email", actor.email}, {"tenant_id", side.id}});
  return with_body(actor, {{"token", house.mailed_token(side, actor.email)},
                           {"new_password", password_of(side) + "-new"}});
}

Prepared accept(TestHouse& house, Side& side) {
  const auto address = side.marks.next() + "@example.com";
  call(house, side.owner(), "POST", "/api/v1/users/invite",
       {{"email", address}, {"name", side.marks.next()}, {"role", "consultant"}});
  return with_body({"nobody", Actor::Kind::nobody, {}, {}, {}, {}, {}, false},
                   {{"token", house.mailed_token(side, address)},
                    {"password", password_of(side)},
                    {"name", side.marks.next()}});
}

Prepared end_session(TestHouse& house, Side& side) {
  auto actor = passer_by(house, side);
  const auto first = call(house, actor, "GET", "/api/v1/auth/sessions").at("data").at(0).at("id");
  house.renew(side, actor);
  Prepared prepared{actor, {}};
  prepared.shape.path["id"] = first;
  return prepared;
}

Prepared confirm_second_factor(TestHouse& house, Side& side) {
  const auto actor = passer_by(house, side);
  const auto setup = call(house, actor, "POST", "/api/v1/auth/second-factor").at("data");
  return with_body(actor, {{"code", code_for(setup.at("secret"), 0)}});
}

Prepared remove_second_factor(TestHouse& house, Side& side) {
  const auto actor = passer_by(house, side);
  const auto setup = call(house, actor, "POST", "/api/v1/auth/second-factor").at("data");
  call(house, actor, "POST", "/api/v1/auth/second-factor/confirm",
       {{"code", code_for(setup.at("secret"), 0)}});
  Prepared prepared{actor, {}};
  prepared.shape.query = {{"code", code_for(setup.at("secret"), 1)}};  // a code works once
  return prepared;
}

Prepared deactivate(TestHouse& house, Side& side) {
  Prepared prepared{side.owner(), {}};
  prepared.shape.path["id"] = passer_by(house, side).user;
  return prepared;
}

using Recipe = std::function<Prepared(TestHouse&, Side&)>;

const std::map<std::string, Recipe>& recipes() {
  static const std::map<std::string, Recipe> all{
      {"auth.login", login},
      {"auth.logout",
       [](TestHouse& house, Side& side) {
         return Prepared{passer_by(house, side), {}};
       }},
      {"auth.end_other_sessions",
       [](TestHouse& house, Side& side) {
         return Prepared{passer_by(house, side), {}};
       }},
      {"auth.end_session", end_session},
      {"auth.reset_password", reset},
      {"auth.change_password",
       [](TestHouse& house, Side& side) {
         return with_body(passer_by(house, side), {{"current_password", password_of(side)},
                                                   {"new_password", password_of(side) + "-new"}});
       }},
      {"auth.accept_invite", accept},
      {"auth.begin_second_factor",
       [](TestHouse& house, Side& side) {
         return Prepared{passer_by(house, side), {}};
       }},
      {"auth.confirm_second_factor", confirm_second_factor},
      {"auth.remove_second_factor", remove_second_factor},
      {"users.deactivate", deactivate}};
  return all;
}

}  // namespace

std::optional<Prepared> recipe(TestHouse& house, Side& side, const Operation& operation) {
  if (!has_recipe(operation)) return std::nullopt;
  return recipes().at(operation.id)(house, side);
}

bool has_recipe(const Operation& operation) {
  return operation.plugin.empty() && recipes().contains(operation.id);
}

}  // namespace host::cli::isolation_test
