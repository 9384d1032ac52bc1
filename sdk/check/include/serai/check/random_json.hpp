// JSON out of nothing and out of a JSON Schema, replayable from its generator's seed.
#pragma once

#include <random>
#include <string>

#include "serai/json.hpp"

namespace serai::check {

using Random = std::mt19937_64;

// Any value, nested at most `depth` deep; texts with what breaks careless code.
Json random_json(Random& random, int depth);
// A text of words, quotes, controls, other scripts and long runs.
std::string random_text(Random& random, std::size_t longest);

// A value that fits the schema, as far as the keywords manifests use go; `mark` is put into texts
// that have room for it. Without fault by the schema in nearly all cases: ask the schema.
Json fitting_json(Random& random, const Json& schema, const std::string& mark = {});
// A value that does not fit: one thing is wrong.
Json unfitting_json(Random& random, const Json& schema);

// A text that a regular expression of the common kind matches; best effort.
std::string matching_text(Random& random, const std::string& pattern);

// One change of bytes or structure, for fuzzing.
std::string mutated(Random& random, std::string bytes);
Json mutated(Random& random, Json value);
// The same for what the host has decoded: UTF-8 without control bytes.
std::string mutated_text(Random& random, std::string text);

}  // namespace serai::check
