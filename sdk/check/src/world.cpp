#include "world.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "manifest.hpp"

namespace serai::check {

World World::read(const std::filesystem::path& file) {
  World world;
  if (file.empty()) return world;
  std::ifstream in(file);
  if (!in) throw std::invalid_argument(file.string() + " cannot be read.");
  const Json json = testing::yaml_to_json(std::string{std::istreambuf_iterator<char>(in), {}});
  if (!json.is_object()) throw std::invalid_argument(file.string() + " is not a map.");
  for (const auto& [key, value] : json.items()) {
    const auto take = [&](const char* name, Json& into) {
      if (key != name) return false;
      if (value.type() != into.type())
        throw std::invalid_argument(file.string() + ": " + key + " is of the wrong kind.");
      into = value;
      return true;
    };
    if (!take("settings", world.settings) && !take("secrets", world.secrets) &&
        !take("services", world.services) && !take("http", world.http) &&
        !take("requests", world.requests) && !take("messages", world.messages))
      throw std::invalid_argument(file.string() + ": " + key + " is not known.");
  }
  return world;
}

}  // namespace serai::check
