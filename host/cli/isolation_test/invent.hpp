// Values that fit a JSON Schema, with a mark in every text that has room for one, and with ids of
// things that exist where a field's name asks for one. Examples in the schema come first.
#pragma once

#include "cli/isolation_test/marks.hpp"
#include "cli/isolation_test/pool.hpp"

namespace host::cli::isolation_test {

struct InventOptions {
  bool all_fields = true;    // else only what is required
  bool examples = true;      // take "example" and "examples" where the schema has them
  std::size_t which_id = 0;  // the n-th of the ids that are known for a field
};

class Inventor {
 public:
  // All must outlive the inventor.
  Inventor(Random& random, Marks& marks, const Pool& pool)
      : random_(random), marks_(marks), pool_(pool) {}

  Json value(const Json& schema, const std::string& name, const InventOptions& options,
             int depth = 0);
  // As text, for a query parameter.
  std::string query_value(const Parameter& parameter, const InventOptions& options);

 private:
  Json object(const Json& schema, const InventOptions& options, int depth);
  Json array(const Json& schema, const std::string& name, const InventOptions& options, int depth);
  std::string text(const Json& schema, const std::string& name, const InventOptions& options);
  Json number(const Json& schema, bool integer);
  std::string formatted(const std::string& format);

  Random& random_;
  Marks& marks_;
  const Pool& pool_;
};

// The part of a schema that says most: the first of oneOf/anyOf that is not null, allOf merged.
Json plain_schema(const Json& schema);

}  // namespace host::cli::isolation_test
