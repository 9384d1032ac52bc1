// A request, whole and already checked: authentication, permission, limits and the route's schemas
// are behind it. Every view is valid until the handler returns.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serai/call.hpp"
#include "serai/fields.hpp"

namespace serai {

// One part of a multipart body. With a file name it has been streamed to the blob store (`blob` is
// its reference, `data` empty) and goes away after the call unless blobs().keep(blob).
struct Part {
  std::string_view name;
  std::string_view file_name;  // as the client sent it; never a path to use
  std::string_view content_type;
  std::string_view data;
  std::string_view blob;
  std::uint64_t size = 0;  // bytes
};

class Request : public Call, public Fields<Request> {
 public:
  Request(const detail::Context& context, const serai_request& abi) noexcept
      : Call(context, abi.caller), abi_(&abi) {}

  // As the client sent them; the path percent-decoded, the query not.
  std::string_view method() const noexcept { return detail::to_view(abi_->method); }
  std::string_view path() const noexcept { return detail::to_view(abi_->path); }
  std::string_view raw_query() const noexcept { return detail::to_view(abi_->query); }
  std::string_view body() const noexcept { return detail::to_view(abi_->body); }

  // The value of {name} in the route's path.
  std::string_view path(std::string_view name) const {
    if (const auto value = find(abi_->path_parameters, abi_->path_parameter_count, name)) {
      return *value;
    }
    throw Problem(500, "no_such_path_parameter",
                  "The route has no path parameter {" + std::string(name) + "}.");
  }

  // The first value; empty (or `fallback`) when absent. Defaults of the manifest are filled in.
  std::string_view query(std::string_view name, std::string_view fallback = {}) const noexcept {
    return find_query(name).value_or(fallback);
  }
  std::optional<std::string_view> find_query(std::string_view name) const noexcept {
    return find(abi_->query_parameters, abi_->query_parameter_count, name);
  }
  // Every value of a repeated parameter, in order.
  std::vector<std::string_view> queries(std::string_view name) const {
    std::vector<std::string_view> values;
    for (std::uint32_t i = 0; i < abi_->query_parameter_count; ++i) {
      const serai_pair& pair = abi_->query_parameters[i];
      if (detail::to_view(pair.name) == name) values.push_back(detail::to_view(pair.value));
    }
    return values;
  }
  // Typed; `fallback` when absent, Problem 422 when it does not parse.
  std::int64_t query_integer(std::string_view name, std::int64_t fallback) const {
    const auto text = find_query(name);
    if (!text) return fallback;
    std::int64_t value = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    if (error == std::errc{} && stop == end) return value;
    throw invalid_field("query/" + std::string(name), "This must be a whole number.");
  }
  double query_real(std::string_view name, double fallback) const {
    const auto text = find_query(name);
    if (!text) return fallback;
    // Not from_chars: not every standard library has it for double.
    const Json value = Json::parse(text->begin(), text->end(), nullptr, false);
    if (value.is_number()) return value.get<double>();
    throw invalid_field("query/" + std::string(name), "This must be a number.");
  }
  bool query_boolean(std::string_view name, bool fallback) const {
    const auto text = find_query(name);
    if (!text) return fallback;
    if (*text == "true" || *text == "1") return true;
    if (*text == "false" || *text == "0") return false;
    throw invalid_field("query/" + std::string(name), "This must be true or false.");
  }

  // `name` in lower case; empty when absent.
  std::string_view header(std::string_view name) const noexcept {
    return find_header(name).value_or(std::string_view{});
  }
  std::optional<std::string_view> find_header(std::string_view name) const noexcept {
    return find(abi_->headers, abi_->header_count, name);
  }

  // The body, parsed once; Problem 400 if it is not JSON. Its members: field() of Fields.
  const Json& json() const {
    if (!json_) json_ = parse_json(body());
    return *json_;
  }
  std::vector<Part> parts() const {
    std::vector<Part> all;
    all.reserve(abi_->part_count);
    for (std::uint32_t i = 0; i < abi_->part_count; ++i) all.push_back(part_at(i));
    return all;
  }
  std::optional<Part> find_part(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i < abi_->part_count; ++i) {
      if (detail::to_view(abi_->parts[i].name) == name) return part_at(i);
    }
    return std::nullopt;
  }
  // The first part of that name, or Problem 422.
  Part part(std::string_view name) const {
    if (const auto found = find_part(name)) return *found;
    throw invalid_field("/" + std::string(name), "This part of the form is required.");
  }

 private:
  static std::optional<std::string_view> find(const serai_pair* pairs, std::uint32_t count,
                                              std::string_view name) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (detail::to_view(pairs[i].name) == name) return detail::to_view(pairs[i].value);
    }
    return std::nullopt;
  }

  Part part_at(std::uint32_t index) const noexcept {
    const serai_part& part = abi_->parts[index];
    return {detail::to_view(part.name),         detail::to_view(part.file_name),
            detail::to_view(part.content_type), detail::to_view(part.data),
            detail::to_view(part.blob),         part.size};
  }

  const serai_request* abi_;
  mutable std::optional<Json> json_;
};

}  // namespace serai
