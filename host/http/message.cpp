// Look-ups on Request and Headers. Called by everyone who holds one; knows neither codec nor
// socket.
#include "http/message.hpp"

#include <algorithm>

#include "http/ascii.hpp"
#include "http/form.hpp"
#include "http/spooled_file.hpp"

namespace host::http {

void Headers::set(std::string_view name, std::string value) {
  const auto same_name = [name](const auto& field) {
    return equals_ignoring_case(field.first, name);
  };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same_name);
  if (first == fields_.end()) {
    fields_.emplace_back(std::string(name), std::move(value));
    return;
  }
  first->second = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), same_name), fields_.end());
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_,
                [name](const auto& field) { return equals_ignoring_case(field.first, name); });
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equals_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

std::uint64_t Request::body_size() const { return spooled ? spooled->size() : body.size(); }

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::optional<std::string> found;
  for_each_pair(query, [&](std::string_view key, std::string_view value) {
    if (found) return;
    if (auto decoded = form_decode(key); decoded && *decoded == name) found = form_decode(value);
  });
  return found;
}

}  // namespace host::http
