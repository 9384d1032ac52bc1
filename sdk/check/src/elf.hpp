// What can be told of a plugin's file without loading it. Takes hostile bytes: bounds are checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serai::check {

struct ElfFacts {
  std::vector<std::string> exports;         // defined, not local
  std::vector<std::string> unique_symbols;  // STB_GNU_UNIQUE
  std::vector<std::string> needed;          // DT_NEEDED
  std::string run_path;                     // DT_RPATH or DT_RUNPATH; empty: none
  bool has_relro = false, binds_now = false;
  bool has_stack_header = false, executable_stack = false;
  bool writable_code = false;     // a segment both writable and executable
  bool text_relocations = false;  // DT_TEXTREL or its flag
  bool initial_exec_tls = false;  // DF_STATIC_TLS
  std::string manifest;           // the bytes of .serai.manifest, padding taken off
  bool manifest_is_read_only = false;
};

// Throws std::runtime_error with one sentence.
ElfFacts read_elf(const std::filesystem::path& file);

}  // namespace serai::check
