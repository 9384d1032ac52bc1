#include "storage/schema.hpp"

namespace host::storage {

MigrationSet tenant_tables() {
  return {
      "host",
      {{1, "create_vectors",
        // `version` counts the changes of a collection; a row keeps that of its last change, and a
        // removed vector stays as a row without data until it is purged, so that an index in memory
        // can ask what it has missed. `epoch` tells a collection from an earlier one of its name.
        R"(CREATE TABLE serai_vector_collections (
             plugin text NOT NULL, name text NOT NULL, dimension bigint NOT NULL,
             epoch uuid NOT NULL, version bigint NOT NULL, purged bigint NOT NULL,
             PRIMARY KEY (plugin, name));
           CREATE TABLE serai_vectors (
             plugin text NOT NULL, collection text NOT NULL, id bigint NOT NULL,
             version bigint NOT NULL, data blob, PRIMARY KEY (plugin, collection, id));
           CREATE INDEX serai_vectors_version ON serai_vectors (plugin, collection, version);
           CREATE INDEX serai_vectors_removed ON serai_vectors (plugin, collection, version)
             WHERE data IS NULL;)",
        "DROP TABLE serai_vectors; DROP TABLE serai_vector_collections;"},
       {2, "create_secrets",
        "CREATE TABLE serai_secrets (plugin text NOT NULL, name text NOT NULL, value text NOT "
        "NULL, "
        "updated_at timestamp NOT NULL, PRIMARY KEY (plugin, name));",
        "DROP TABLE serai_secrets;"}}};
}

MigrationSet platform_tables() {
  return {"host",
          {{1, "create_data_keys",
            "CREATE TABLE serai_data_keys (tenant text PRIMARY KEY, wrapped text NOT NULL, "
            "created_at timestamp NOT NULL);",
            "DROP TABLE serai_data_keys;"}}};
}

}  // namespace host::storage
