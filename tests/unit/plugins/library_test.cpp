// Files that change under a running plugin, libraries that cannot be unloaded, entries that lie.
#include "plugins/library.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "serai/abi/entry.h"
#include "unit/plugins/world.hpp"

// A plugin that cannot be unloaded is kept for good, and its handle with it: that is the point of
// the test, not a leak.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:host::plugins::Library::load\n";
}

namespace host::plugins {
namespace {

using testing::Folder;

std::string refusal(const std::filesystem::path& file) {
  try {
    Library library(file);
    library.load();
  } catch (const LoadError& error) {
    return error.what();
  }
  return "";
}

bool is_mapped(std::string_view name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("/memfd:" + std::string(name)) != std::string::npos) return true;
  return false;
}

TEST(Library, reads_the_manifest_without_running_code) {
  const Library library(PROBE_GAMMA);
  EXPECT_EQ(library.manifest().id, "gamma");
  EXPECT_TRUE(library.unloadable());
}

TEST(Library, is_gone_from_memory_after_unload) {
  const Folder folder;
  const auto file = folder.path() / "goes.so";
  std::filesystem::copy_file(PROBE_GAMMA, file);
  {
    Library library(file);
    library.load();
    EXPECT_TRUE(is_mapped("goes.so"));
    EXPECT_TRUE(library.unload());
  }
  EXPECT_FALSE(is_mapped("goes.so"));
}

TEST(Library, does_not_notice_that_its_file_is_overwritten_in_place) {
  const Folder folder;
  const auto file = folder.path() / "overwritten.so";
  std::filesystem::copy_file(PROBE_GAMMA, file);
  Library library(file);
  const serai_entry& entry = library.load();
  {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out << std::string(std::filesystem::file_size(file), '\0');
  }
  EXPECT_EQ(entry.abi_epoch, SERAI_ABI_EPOCH);
  EXPECT_NE(entry.create, nullptr);
  EXPECT_TRUE(
      std::string_view(entry.manifest.data, entry.manifest.size).starts_with("serai-bundle"));
  EXPECT_TRUE(library.unload());
}

TEST(Library, loads_the_new_file_of_a_replaced_path_beside_the_old) {
  const Folder folder;
  const auto file = folder.path() / "replaced.so", next = folder.path() / "next.so";
  std::filesystem::copy_file(PROBE_GAMMA, file);
  Library old(file);
  const serai_entry& first = old.load();
  std::filesystem::copy_file(PROBE_BETA, next);
  std::filesystem::rename(next, file);
  Library fresh(file);
  const serai_entry& second = fresh.load();
  EXPECT_EQ(fresh.manifest().id, "beta");
  EXPECT_NE(&first, &second);
  EXPECT_TRUE(old.unload());
  EXPECT_TRUE(std::string_view(second.manifest.data, second.manifest.size).find("id: beta") !=
              std::string_view::npos);
}

TEST(Library, keeps_what_has_unique_symbols) {
  const Folder folder;
  const auto file = folder.path() / "pinned.so";
  std::filesystem::copy_file(PROBE_PINNED, file);
  {
    Library library(file);
    EXPECT_FALSE(library.unloadable());
    library.load();
    EXPECT_FALSE(library.unload());
  }
  EXPECT_TRUE(is_mapped("pinned.so"));
}

TEST(Library, keeps_what_makes_keys_of_threads) {
  const Folder folder;
  const auto file = folder.path() / "keyed.so";
  std::filesystem::copy_file(PROBE_KEYED, file);
  {
    Library library(file);
    EXPECT_FALSE(library.unloadable());
    library.load();
    EXPECT_FALSE(library.unload());
  }
  EXPECT_TRUE(is_mapped("keyed.so"));
}

TEST(Library, refuses_an_entry_that_names_another_manifest) {
  EXPECT_EQ(refusal(PROBE_MISMATCH),
            "probe_mismatch.so: its entry names another manifest than its .serai.manifest section; "
            "build it again.");
}

TEST(Library, says_what_is_wrong_with_a_file_that_is_no_plugin) {
  const Folder folder;
  const auto file = folder.path() / "text.so";
  std::ofstream(file) << "hello";
  EXPECT_EQ(refusal(file), "text.so: it is not an ELF file; give the .so that the build made.");
  EXPECT_NE(refusal(folder.path() / "none.so").find("cannot be opened"), std::string::npos);
  EXPECT_NE(refusal(folder.path()).find("not a regular file"), std::string::npos);
  std::ofstream(folder.path() / "empty.so");
  EXPECT_NE(refusal(folder.path() / "empty.so").find("it is empty"), std::string::npos);
}

TEST(Library, refuses_a_manifest_with_a_fault_before_any_code_runs) {
  const Folder folder;
  const auto file = folder.path() / "flipped.so";
  std::ifstream in(PROBE_GAMMA, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (auto at = bytes.find("serial: true"); at != std::string::npos;
       at = bytes.find("serial: true", at + 1))
    bytes[at] = 'S';
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_NE(refusal(file).find("plugin.yaml: Serial: is not a known key"), std::string::npos);
}

}  // namespace
}  // namespace host::plugins
