#include "cli/isolation_test/side.hpp"

namespace host::cli::isolation_test {
namespace {

constexpr const char* kBoundary = "serai-isolation-test-4f1c2d7e";

std::string form_of(const Shape& shape) {
  const std::string line =
      std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"";
  std::string text;
  if (!shape.file_name.empty())
    text += line + "file\"; filename=\"" + shape.file_name +
            "\"\r\nContent-Type: " + shape.file_type + "\r\n\r\n" + shape.file + "\r\n";
  for (const auto& [name, value] : shape.body.items())
    text += line + name + "\"\r\n\r\n" +
            (value.is_string() ? value.get<std::string>() : value.dump()) + "\r\n";
  return text + "--" + kBoundary + "--\r\n";
}

}  // namespace

Ask to_ask(const Operation& operation, const Shape& shape, const Actor& actor) {
  Ask ask;
  ask.method = operation.method;
  ask.path = operation.path;
  for (const auto& [name, value] : shape.path) {
    const auto at = ask.path.find("{" + name + "}");
    if (at != ask.path.npos) ask.path.replace(at, name.size() + 2, value);
  }
  ask.query = shape.query;
  if (operation.multipart) {
    ask.body = form_of(shape);
    ask.content_type = std::string("multipart/form-data; boundary=") + kBoundary;
  } else if (shape.has_body) {
    ask.body = shape.body.dump();
    ask.content_type = "application/json";
  }
  if (!actor.authorization.empty()) ask.headers.emplace_back("Authorization", actor.authorization);
  if (!actor.admin_token.empty()) ask.headers.emplace_back("X-Admin-Token", actor.admin_token);
  return ask;
}

}  // namespace host::cli::isolation_test
