// Feeds the ELF reader files and the bundle reader what it finds in them, and demands views that
// lie inside of the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "plugins/bundle.hpp"

namespace {

using namespace host::plugins;

void demand(bool holds) {
  if (!holds) std::abort();
}

void demand_inside(std::string_view whole, std::string_view part) {
  const std::less_equal<const char*> before;
  demand(before(whole.data(), part.data()) &&
         before(part.data() + part.size(), whole.data() + whole.size()));
}

void run_bundle(std::string_view bundle) {
  std::vector<BundleFile> files;
  if (!parse_bundle(bundle, files).empty()) return;
  demand(files.front().path == "plugin.yaml");
  for (const auto& file : files) {
    demand_inside(bundle, file.path);
    demand_inside(bundle, file.bytes);
    demand(!file.path.starts_with('/') && file.path.find("..") == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ElfFacts facts;
  if (inspect_elf(std::as_bytes(std::span(data, size)), facts).empty()) {
    demand_inside(bytes, facts.bundle);
    for (const auto name : facts.exports) demand_inside(bytes, name);
    run_bundle(facts.bundle);
  }
  run_bundle(bytes);
  return 0;
}
