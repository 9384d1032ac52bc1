#include "moves/disguise.hpp"

#include <algorithm>
#include <stdexcept>

namespace host::moves {
namespace {

std::size_t place_of(const Table& table, std::string_view column) {
  const auto& all = table.shape.columns;
  const auto found = std::find(all.begin(), all.end(), column);
  if (found == all.end())
    throw std::logic_error(table.name() + " has no column " + std::string(column));
  return static_cast<std::size_t>(found - all.begin());
}

// A secret's bytes need not be text.
Row bytes_of(const std::string& text) {
  return Row::binary(std::vector<std::uint8_t>(text.begin(), text.end()));
}
std::string text_of(const Row& value) {
  if (value.is_string()) return value.get<std::string>();
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Disguise::Disguise(House& house, const CallToken& token, const Table& table)
    : house_(house), token_(token), table_(table) {
  if (table.name() == "serai_secrets") kind_ = Kind::secrets;
  if (table.name() == "auth_users") kind_ = Kind::users;
  if (table.name() == "serai_jobs") kind_ = Kind::jobs;
}

void Disguise::take_off(Row& row) const {
  const auto at = [&](std::string_view column) -> Row& { return row.at(place_of(table_, column)); };
  switch (kind_) {
    case Kind::plain:
      return;
    case Kind::secrets:
      at("value") = bytes_of(house_.secrets.reveal(token_.through(text_of(at("plugin"))),
                                                   text_of(at("name")), text_of(at("value"))));
      return;
    case Kind::users:
      for (const char* column : {"totp_secret", "totp_pending"})
        at(column) = bytes_of(house_.auth.second_factor().reveal(token_.tenant(), text_of(at("id")),
                                                                 text_of(at(column))));
      return;
    case Kind::jobs:
      if (at("state") == "running") {
        const bool dead =
            at("attempt").get<std::int64_t>() >= at("max_attempts").get<std::int64_t>();
        at("state") = dead ? "dead" : "queued";
        at("last_error") = "The run was cut off.";
      }
      at("lease_until") = nullptr;
      at("claim") = "";
      return;
  }
}

void Disguise::put_on(Row& row) const {
  const auto at = [&](std::string_view column) -> Row& { return row.at(place_of(table_, column)); };
  if (kind_ == Kind::secrets) {
    at("value") = house_.secrets.conceal(token_.through(text_of(at("plugin"))), text_of(at("name")),
                                         text_of(at("value")));
  }
  if (kind_ == Kind::users) {
    for (const char* column : {"totp_secret", "totp_pending"})
      at(column) = house_.auth.second_factor().conceal(token_.tenant(), text_of(at("id")),
                                                       text_of(at(column)));
  }
}

}  // namespace host::moves
