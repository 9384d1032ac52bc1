// The readers of hostile bytes: a real plugin, cut at every length and flipped at every place,
// never leads anywhere but to a sentence.
#include "plugins/bundle.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "plugins/manifest.hpp"

namespace host::plugins {
namespace {

std::vector<std::byte> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

// On the heap with its exact size, so that a read beyond the end is seen by the sanitizers.
std::string inspect_exactly(const std::byte* data, std::size_t size) {
  const std::unique_ptr<std::byte[]> copy(new std::byte[size]);
  std::memcpy(copy.get(), data, size);
  ElfFacts facts;
  std::string fault = inspect_elf({copy.get(), size}, facts);
  if (fault.empty()) {
    std::vector<BundleFile> files;
    fault = parse_bundle(facts.bundle, files);
  }
  return fault;
}

TEST(Elf, finds_the_bundle_and_the_one_export) {
  const auto bytes = read_file(PROBE_GAMMA);
  ElfFacts facts;
  EXPECT_EQ(inspect_elf(bytes, facts), "");
  EXPECT_TRUE(facts.bundle.starts_with("serai-bundle 1\nfile plugin.yaml "));
  EXPECT_EQ(facts.unique_symbols, 0u);
  ASSERT_EQ(facts.exports.size(), 1u);
  EXPECT_EQ(facts.exports[0], "serai_plugin_entry_v1");
}

TEST(Elf, counts_unique_symbols) {
  const auto bytes = read_file(PROBE_PINNED);
  ElfFacts facts;
  EXPECT_EQ(inspect_elf(bytes, facts), "");
  EXPECT_EQ(facts.unique_symbols, 1u);
}

TEST(Elf, refuses_a_file_cut_anywhere) {
  const auto bytes = read_file(PROBE_GAMMA);
  ASSERT_GT(bytes.size(), 1000u);
  EXPECT_EQ(inspect_exactly(bytes.data(), bytes.size()), "");
  // The section table stands at the end, so every cut loses part of it. Every length in the first
  // pages and in the table; steps in the debug information between them.
  for (std::size_t size = 0; size < bytes.size();
       size += size < 8192 || size + 8192 > bytes.size() ? 1 : 61)
    EXPECT_NE(inspect_exactly(bytes.data(), size), "") << size;
}

TEST(Elf, survives_every_flipped_bit_of_headers_and_tables) {
  auto bytes = read_file(PROBE_GAMMA);
  const auto flip = [&](std::size_t at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] ^= static_cast<std::byte>(1 << bit);
      (void)inspect_exactly(bytes.data(), bytes.size());  // any answer, no crash
      bytes[at] ^= static_cast<std::byte>(1 << bit);
    }
  };
  for (std::size_t at = 0; at < 64; ++at) flip(at);
  for (std::size_t at = bytes.size() - std::min<std::size_t>(bytes.size(), 3000); at < bytes.size();
       at += 3)
    flip(at);
}

TEST(Elf, refuses_what_is_no_elf_file) {
  const std::string text = "#!/bin/sh\nexit 0\n";
  EXPECT_EQ(inspect_exactly(reinterpret_cast<const std::byte*>(text.data()), text.size()),
            "it is not an ELF file; give the .so that the build made");
}

std::string bundle_fault(std::string_view text) {
  const std::vector<char> exact(text.begin(), text.end());
  std::vector<BundleFile> files;
  return parse_bundle({exact.data(), exact.size()}, files);
}

const std::string kBundle =
    "serai-bundle 1\nfile plugin.yaml 3\nabc\nfile migrations/001_a.up.sql 0\n\nend\n";

TEST(Bundle, gives_its_files_in_order) {
  std::vector<BundleFile> files;
  EXPECT_EQ(parse_bundle(kBundle, files), "");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].bytes, "abc");
  EXPECT_EQ(files[1].path, "migrations/001_a.up.sql");
}

TEST(Bundle, refuses_to_be_cut_anywhere) {
  for (std::size_t size = 0; size < kBundle.size(); ++size)
    EXPECT_NE(bundle_fault(std::string_view(kBundle).substr(0, size)), "") << size;
}

TEST(Bundle, survives_every_flipped_bit) {
  std::string text = kBundle;
  for (auto& byte : text)
    for (int bit = 0; bit < 8; ++bit) {
      byte = static_cast<char>(byte ^ (1 << bit));
      (void)bundle_fault(text);
      byte = static_cast<char>(byte ^ (1 << bit));
    }
}

TEST(Bundle, refuses_paths_that_climb_and_sizes_that_lie) {
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile plugin.yaml 1\na\nfile ../x 1\na\nend\n"), "");
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile /plugin.yaml 1\na\nend\n"), "");
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile plugin.yaml 18446744073709551615\na\nend\n"), "");
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile plugin.yaml 99999999999999999999999\na\nend\n"), "");
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile plugin.yaml -1\na\nend\n"), "");
}

TEST(Bundle, refuses_doubles_tails_and_a_missing_manifest) {
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile plugin.yaml 1\na\nfile plugin.yaml 1\na\nend\n"),
            "");
  EXPECT_NE(bundle_fault("serai-bundle 1\nfile plugin.yaml 1\na\nend\nmore"), "");
  EXPECT_NE(bundle_fault("serai-bundle 1\nend\n"), "");
  EXPECT_NE(bundle_fault("serai-bundle 2\nfile plugin.yaml 1\na\nend\n"), "");
}

}  // namespace
}  // namespace host::plugins
