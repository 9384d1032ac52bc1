// Tenants from a folder of YAML files, as the platform's operator keeps them: <id>/client.yaml or
// <id>.yaml. Idempotent; secrets in the files are left out and named. Called by the command line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/call_token.hpp"
#include "tenancy/tenants.hpp"

namespace host::tenancy {

struct Imported {
  enum class Outcome : std::uint8_t { created, updated, unchanged, refused };
  std::string tenant;  // id, or the file's name where there is none
  Outcome outcome;
  std::vector<std::string> reasons;          // why it was refused
  std::vector<std::string> skipped_secrets;  // paths such as "infrastructure.vapi.api_key"
};

std::string_view to_text(Imported::Outcome outcome);

// With `dry_run` nothing is written and the report says what would happen. A file that cannot be
// used is refused with its reasons; the others go on. Throws Problem(404) if there is no such
// folder.
std::vector<Imported> import_tenants(Tenants& tenants, const CallToken& admin,
                                     const std::filesystem::path& directory, bool dry_run);

}  // namespace host::tenancy
