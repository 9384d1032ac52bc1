// Validation against a JSON Schema, compiled once and used by any number of threads.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/problem.hpp"

namespace host::api {

class Schema {
 public:
  // `text` is the schema as JSON. Throws std::invalid_argument with a sentence if it is not one.
  explicit Schema(std::string_view text);
  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  // Empty: valid. At most 20 errors, pointers into the document.
  std::vector<FieldError> validate(const nlohmann::json& document) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace host::api
