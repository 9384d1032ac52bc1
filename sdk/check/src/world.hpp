// What the world around the plugin says: settings, secrets, other plugins' answers, the outside,
// and requests worth starting from. Read from a YAML file (see README.md); empty without one.
#pragma once

#include <filesystem>

#include "serai/json.hpp"

namespace serai::check {

struct World {
  Json settings = Json::object();
  Json secrets = Json::object();
  Json services = Json::object();  // name -> reply
  Json http = Json::array();       // {url, status, body}
  Json requests = Json::array();   // {method, path, body, form, headers}
  Json messages = Json::array();   // {kind: job|event|service, name, payload}

  // Throws std::invalid_argument with one sentence. An empty path is the empty world.
  static World read(const std::filesystem::path& file);
};

}  // namespace serai::check
