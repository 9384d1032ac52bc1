// What Redis answers, as a value.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace host::redis {

struct Reply {
  using List = std::vector<Reply>;
  std::variant<std::monostate, std::int64_t, std::string, List> value;  // monostate: nil

  bool nil() const { return value.index() == 0; }
  // Throw std::bad_variant_access for another kind of answer.
  std::int64_t integer() const { return std::get<std::int64_t>(value); }
  const std::string& text() const { return std::get<std::string>(value); }
  const List& list() const { return std::get<List>(value); }
};

// Redis understood the command and refused it: "ERR value is not an integer or out of range".
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace host::redis
