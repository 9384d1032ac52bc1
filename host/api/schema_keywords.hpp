// `pattern` and `format` of a JSON Schema, for valijson. Its own run std::regex, which recurses
// once per character: a text of some hundred kilobytes overflows the stack and ends the host. Ours
// need a bounded stack and a bounded time, and a pattern that is none is refused with its schema.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace valijson {
class SchemaParser;
}

namespace host::api {

// The schema with both keywords under names that valijson leaves to us.
nlohmann::json with_own_keywords(const nlohmann::json& schema);

// Teaches the parser those names. A bad pattern makes populateSchema throw std::runtime_error.
void add_own_keywords(valijson::SchemaParser& parser);

}  // namespace host::api
