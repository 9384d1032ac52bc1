// What the file says of itself, before anything of it runs.
#include <algorithm>

#include "../elf.hpp"
#include "../library.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) all += (i ? ", " : "") + names[i];
  return names.size() > 8 ? all + " and " + std::to_string(names.size() - 8) + " more" : all;
}

// Run-times of languages and what Serai's own packages bring along. Names without their versions.
constexpr std::string_view kLibraries[] = {
    "ld-linux-x86-64", "ld-linux-aarch64", "libc",           "libm",
    "libdl",           "libpthread",       "librt",          "libgcc_s",
    "libstdc++",       "libc++",           "libc++abi",      "libunwind",
    "libatomic",       "libcrypto",        "libssl",         "libz",
    "libzip",          "libxml2",          "libicuuc",       "libicudata",
    "libicui18n",      "libsodium",        "libstemmer",     "libcairo",
    "libfontconfig",   "libglib-2.0",      "libgobject-2.0", "libharfbuzz",
    "libpango-1.0",    "libgmime-3.0",
};

// The run-times of sanitizers, when the plugin was built for tests.
bool is_sanitizer(const std::string& name) {
  return name.starts_with("libasan") || name.starts_with("libubsan") ||
         name.starts_with("libtsan") || name.starts_with("libclang_rt");
}

}  // namespace

void one_export(const Task& task) {
  const auto exports = read_elf(task.plugin).exports;
  if (exports.size() == 1 && exports.front() == SERAI_ENTRY_SYMBOL) return;
  if (std::find(exports.begin(), exports.end(), SERAI_ENTRY_SYMBOL) == exports.end())
    fail("It does not export " SERAI_ENTRY_SYMBOL "; build it with serai_add_plugin().");
  if (exports.size() > 1)
    fail("It exports " + std::to_string(exports.size()) + " symbols instead of one: " +
         joined(exports) + "; build it with serai_add_plugin() or a version script.");
}

void no_unique_symbols(const Task& task) {
  const auto unique = read_elf(task.plugin).unique_symbols;
  if (!unique.empty())
    fail("Unique symbols keep it in memory for ever and are shared with other plugins: " +
         joined(unique) + "; compile with -fno-gnu-unique and link with a version script.");
}

void full_relro(const Task& task) {
  const auto facts = read_elf(task.plugin);
  if (!facts.has_relro) fail("It has no read-only relocations; link with -Wl,-z,relro.");
  if (!facts.binds_now)
    fail("It binds functions when they are first called; link with -Wl,-z,now.");
}

void no_executable_stack(const Task& task) {
  const auto facts = read_elf(task.plugin);
  if (!facts.has_stack_header || facts.executable_stack)
    fail("It wants an executable stack; link with -Wl,-z,noexecstack.");
  if (facts.writable_code) fail("It has memory that is both writable and executable.");
}

void no_run_path(const Task& task) {
  const auto path = read_elf(task.plugin).run_path;
  if (!path.empty())
    fail("It looks for libraries in " + path + "; link without -rpath (SKIP_BUILD_RPATH).");
}

void allowed_libraries(const Task& task) {
  for (const std::string& name : read_elf(task.plugin).needed) {
    const std::string stem = name.substr(0, name.find(".so"));
    const bool known =
        std::find(std::begin(kLibraries), std::end(kLibraries), stem) != std::end(kLibraries) ||
        std::find(task.allowed_libraries.begin(), task.allowed_libraries.end(), stem) !=
            task.allowed_libraries.end() ||
        is_sanitizer(stem);
    if (!known)
      fail("It needs " + name +
           ", which is not on every host; link it statically, or allow it "
           "with --allow-library " +
           stem + ".");
  }
}

void no_text_relocations(const Task& task) {
  if (read_elf(task.plugin).text_relocations)
    fail("Its code is rewritten when it is loaded; compile with -fPIC.");
}

void no_initial_exec_tls(const Task& task) {
  if (read_elf(task.plugin).initial_exec_tls)
    fail(
        "It uses thread-local storage of the initial-exec kind, of which a process has little; "
        "compile without -ftls-model=initial-exec.");
}

void manifest_equals_entry(const Task& task) {
  const auto facts = read_elf(task.plugin);
  if (facts.manifest.empty()) {
    fail("It has no .serai.manifest section; build it with serai_add_plugin().");
    return;
  }
  if (!facts.manifest_is_read_only) fail("Its .serai.manifest section is writable.");
  const Library library(task.plugin);
  const serai_entry& entry = library.entry();
  if (entry.struct_size < sizeof(serai_entry)) {
    fail("Its entry is smaller than this ABI's; build it with a current SDK.");
    return;
  }
  if (entry.abi_epoch != SERAI_ABI_EPOCH)
    fail("Its entry is of ABI epoch " + std::to_string(entry.abi_epoch) + ".");
  if (entry.reserved != 0) fail("Its entry uses a reserved field; set it to zero.");
  if (entry.create == nullptr) fail("Its entry has no create().");
  std::string named(entry.manifest.data ? entry.manifest.data : "",
                    entry.manifest.data ? entry.manifest.size : 0);
  while (named.ends_with('\0')) named.pop_back();
  if (named != facts.manifest)
    fail("Its entry names another manifest than the one in its .serai.manifest section.");
}

void manifest_valid(const Task& task) {
  if (!task.hooks->manifest_faults) throw Skip{"this program knows no rules of manifests"};
  for (const std::string& fault : task.hooks->manifest_faults(task.plugin)) fail(fault);
}

}  // namespace serai::check
