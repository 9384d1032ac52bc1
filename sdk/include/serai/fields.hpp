// Typed members of a JSON object that came from outside: a request's body, a job's payload.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "serai/json.hpp"
#include "serai/problem.hpp"

namespace serai {

// What a request and a message have in common: `self().json()` is the document. Each throws
// Problem 422 with the member's pointer when a member has another type.
template <class Self>
class Fields {
 public:
  // Problem 422 too when it is missing or null.
  template <class T>
  T field(std::string_view name) const {
    if (auto value = find_field<T>(name)) return *std::move(value);
    throw invalid_field("/" + std::string(name), "This field is required.");
  }
  // `fallback` when it is missing or null.
  template <class T>
  T field(std::string_view name, T fallback) const {
    if (auto value = find_field<T>(name)) return *std::move(value);
    return fallback;
  }
  std::string field(std::string_view name, const char* fallback) const {
    return field<std::string>(name, std::string(fallback));
  }
  // Nothing when it is missing or null.
  template <class T>
  std::optional<T> find_field(std::string_view name) const {
    const Json& object = static_cast<const Self&>(*this).json();
    if (!object.is_object()) throw invalid_field("", "The document must be an object.");
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return convert<T>(*found, name);
  }

 protected:
  ~Fields() = default;

 private:
  template <class T>
  static T convert(const Json& value, std::string_view name) {
    if constexpr (std::is_same_v<T, Json>) {
      return value;
    } else {
      bool fits = true;
      if constexpr (std::is_same_v<T, bool>) {
        fits = value.is_boolean();
      } else if constexpr (std::is_integral_v<T>) {
        fits = value.is_number_integer();
      } else if constexpr (std::is_floating_point_v<T>) {
        fits = value.is_number();
      }
      try {
        if (fits) return value.get<T>();
      } catch (const Json::exception&) {
        // Said below in words for people.
      }
      throw invalid_field("/" + std::string(name), "This field has the wrong type.");
    }
  }
};

}  // namespace serai
