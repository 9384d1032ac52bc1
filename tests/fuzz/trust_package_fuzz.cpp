// Feeds the package reader hostile bytes. What it accepts has one spelling: written again it is the
// same, byte for byte; and it names no file that could lead out of a folder.
#include <cstdlib>
#include <string_view>

#include "trust/package.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace host::trust;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Package package;
  if (!parse_package(bytes, package).empty()) {
    demand(package.files.empty());
    return 0;
  }
  demand(is_package(bytes));
  demand(with_signature(package, package.signature) == bytes);
  for (const auto& file : package.files)
    demand(!file.path.empty() && file.path.front() != '/' && file.path.find("..") != 0 &&
           file.path.find("/.") == file.path.npos);
  demand(package.code().path == kCode);
  if (check_content(package, true).empty())
    demand(blake2b_256(package.code().bytes) == package.code().listed);
  return 0;
}
