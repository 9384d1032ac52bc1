// What the host says of itself: the operations of its OpenAPI document, as the test needs them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace host::cli::isolation_test {

using Json = nlohmann::json;

struct Parameter {
  std::string name;
  bool required = false;
  Json schema;
};

enum class Guard { nobody, user, admin };  // who may call at all

struct Operation {
  std::string id, method, path;  // "/api/v1/users/{id}"
  std::string plugin;            // "": the host's own
  std::string permission;        // "": none on top
  Guard guard = Guard::nobody;
  std::vector<Parameter> query;
  bool has_body = false, multipart = false;
  Json body;  // its JSON Schema

  std::vector<std::string> path_parameters() const;
  // Of a route for signed addresses (access: link): what stands for {link} in `address`, a path;
  // empty if it is no address of this route.
  std::string_view link_in(std::string_view address) const;
};

// Throws nlohmann::json::exception for what is no OpenAPI document.
std::vector<Operation> operations_of(const Json& document);

// "/api/v1/users" for "/api/v1/users/{id}" and its "{id}": what stands before a parameter.
std::string collection_of(std::string_view path, std::string_view parameter);

// "clients" -> "client", "categories" -> "category"
std::string singular(std::string word);

}  // namespace host::cli::isolation_test
