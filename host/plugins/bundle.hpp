// The manifest bundle inside a plugin's file, found without loading the file: ELF section
// .serai.manifest, then the bundle's own text format. Both readers take hostile bytes: bounds are
// checked, nothing throws, nothing is executed. Called by Library, the command line and fuzzers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace host::plugins {

// What can be told of an ELF64 shared object by looking at it.
struct ElfFacts {
  std::string_view bundle;                // the section's bytes, a view into the file
  std::vector<std::string_view> exports;  // names of defined global or weak dynamic symbols
  std::vector<std::string_view> needed;   // libraries it is linked with (DT_NEEDED)
  std::uint32_t unique_symbols = 0;  // STB_GNU_UNIQUE: dlclose would not unmap; counted, not listed
  // Calls pthread_key_create itself (a C++ run-time linked in does): a key's destructor runs when a
  // thread ends, long after dlclose.
  bool thread_keys = false;
};

// Empty: fine. Else one clear sentence about the file, without its name.
std::string inspect_elf(std::span<const std::byte> file, ElfFacts& out);

struct BundleFile {
  std::string_view path;  // relative, no "..", views into the bundle
  std::string_view bytes;
};

// Empty: fine. Else one clear sentence. `out.front()` is plugin.yaml.
std::string parse_bundle(std::string_view bundle, std::vector<BundleFile>& out);

}  // namespace host::plugins
