// The package format: what is written is read, and nothing else is.
#include "trust/package.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_directory.hpp"
#include "trust/package_file.hpp"

namespace host::trust {
namespace {

using testing::HasSubstr;

std::string line(const std::string& bytes, const std::string& path) {
  return to_hex(blake2b_256(bytes)) + " " + path + "\n";
}
std::string entry(const std::string& path, const std::string& bytes) {
  return "file " + path + " " + std::to_string(bytes.size()) + "\n" + bytes + "\n";
}
// A package as an attacker would write it, by hand.
std::string raw(const std::string& manifest, const std::string& entries) {
  return "serai-package 1\n" + entry("MANIFEST", manifest) + entries + "end\n";
}
std::string fault_of(const std::string& bytes) {
  Package package;
  auto fault = parse_package(bytes, package);
  return fault.empty() ? check_content(package, true) : fault;
}
void write(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

TEST(Package, gives_back_what_was_put_in_in_one_order) {
  const auto bytes = write_package({{"plugin.so", "code"}, {"docs/guide.md", "words"}}, "signed\n");
  EXPECT_EQ(bytes, write_package({{"docs/guide.md", "words"}, {"plugin.so", "code"}}, "signed\n"));
  Package package;
  ASSERT_EQ(parse_package(bytes, package), "");
  EXPECT_EQ(package.signature, "signed\n");
  EXPECT_EQ(package.manifest, line("words", "docs/guide.md") + line("code", "plugin.so"));
  ASSERT_EQ(package.files.size(), 2u);
  EXPECT_EQ(package.code().bytes, "code");
  EXPECT_EQ(check_content(package, true), "");
}

TEST(Package, keeps_its_hash_when_it_is_signed) {
  const auto plain = write_package({{"plugin.so", "code"}});
  Package before, after;
  ASSERT_EQ(parse_package(plain, before), "");
  const auto with = with_signature(before, "text\n");
  ASSERT_EQ(parse_package(with, after), "");
  EXPECT_EQ(before.hash(), after.hash());
  EXPECT_EQ(with_signature(after, ""), plain);
  EXPECT_EQ(before.hash(), hash_of_code(blake2b_256("code"))) << "a bare .so has the same name";
}

// Every single bit of the file: none is free, not even in the frame.
TEST(Package, does_not_survive_one_flipped_bit_anywhere_outside_of_the_signature) {
  const std::string good =
      write_package({{"plugin.so", std::string(64, '\x7f')}, {"LICENSE", "Apache-2.0"}});
  Package package;
  ASSERT_EQ(parse_package(good, package), "");
  const auto hash = package.hash();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    Package parsed;
    const bool refused =
        !parse_package(bad, parsed).empty() || !check_content(parsed, true).empty();
    // A consistent change of a name would be another package: the signature covers its hash.
    EXPECT_TRUE(refused || parsed.hash() != hash) << "bit " << bit;
  }
}

TEST(Package, cut_off_anywhere_is_refused) {
  const auto good = write_package({{"plugin.so", "code"}, {"LICENSE", "Apache-2.0"}}, "s\n");
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(fault_of(good.substr(0, size)), "") << size;
  EXPECT_THAT(fault_of(good + "x"), HasSubstr("after its end"));
}

TEST(Package, names_nothing_outside_of_itself) {
  for (const std::string path :
       {"../plugin.so", "/etc/passwd", "a/../../b", "a//b", "a/", "./a", ".hidden", "a/.ssh", "",
        "MANIFEST", "MANIFEST.sig", "a\\b", "a b", "a\tb", "caf\xc3\xa9", "C:x"}) {
    // Sorted as the format demands, so that only the name can be the fault.
    const bool first = path < "plugin.so";
    const auto names = first ? line("x", path) + line("code", "plugin.so")
                             : line("code", "plugin.so") + line("x", path);
    const auto files = first ? entry(path, "x") + entry("plugin.so", "code")
                             : entry("plugin.so", "code") + entry(path, "x");
    EXPECT_NE(fault_of(raw(names, files)), "") << path;
    EXPECT_THROW(write_package({{"plugin.so", "code"}, {path, "x"}}), std::invalid_argument)
        << path;
  }
  EXPECT_EQ(fault_of(raw(line("x", "a/b") + line("code", "plugin.so"),
                         entry("a/b", "x") + entry("plugin.so", "code"))),
            "")
      << "the same with a harmless name";
}

TEST(Package, has_exactly_the_files_of_its_manifest) {
  const auto names = line("a", "a") + line("code", "plugin.so");
  const auto a = entry("a", "a"), code = entry("plugin.so", "code");
  EXPECT_EQ(fault_of(raw(names, a + code)), "");
  EXPECT_NE(fault_of(raw(names, code + a)), "") << "another order";
  EXPECT_NE(fault_of(raw(names, a + code + entry("z", "z"))), "") << "one too many";
  EXPECT_NE(fault_of(raw(names, a + code + "file  0\n\n")), "") << "one without a name";
  EXPECT_NE(fault_of(raw(names, code)), "") << "one too few";
  EXPECT_NE(fault_of(raw(names, a + a + code)), "") << "one twice";
  EXPECT_NE(fault_of(raw(line("code", "plugin.so") + line("a", "a"), code + a)), "") << "unsorted";
  EXPECT_NE(fault_of(raw(names + line("code", "plugin.so"), a + code + code)), "") << "named twice";
  EXPECT_NE(fault_of(raw(line("a", "a"), a)), "") << "no plugin.so";
  EXPECT_NE(fault_of(raw("", "")), "");
  EXPECT_THAT(fault_of(raw(names, a + entry("plugin.so", "evil"))), HasSubstr("plugin.so"));
  EXPECT_THAT(fault_of(raw(names, entry("a", "b") + code)), HasSubstr("its file a "));
}

// There is no compression, so there is no bomb; a size that lies costs nothing.
TEST(Package, believes_no_size_that_is_not_there) {
  const auto names = line("code", "plugin.so");
  for (const auto* size : {"18446744073709551615", "18446744073709551616", "9223372036854775807",
                           "-1", "+4", "04", " 4", "4 ", "0x4", "", "5", "3", "1e9"})
    EXPECT_NE(fault_of(raw(names, "file plugin.so " + std::string(size) + "\ncode\n")), "") << size;
  EXPECT_EQ(fault_of(raw(names, "file plugin.so 4\ncode\n")), "");
}

TEST(Package, has_at_most_a_thousand_files) {
  std::vector<std::pair<std::string, std::string>> files{{"plugin.so", "code"}};
  while (files.size() < 1000) files.emplace_back("asset-" + std::to_string(files.size()), "x");
  EXPECT_EQ(fault_of(write_package(files)), "");
  files.emplace_back("asset-more", "x");
  EXPECT_THROW(write_package(files), std::invalid_argument);
}

TEST(Pack, takes_a_folder_or_one_library) {
  const serai_test::TemporaryDirectory folder;
  std::filesystem::create_directories(folder.path() / "docs");
  write(folder.path() / "plugin.so", "code");
  write(folder.path() / "docs" / "guide.md", "words");
  const auto packed = pack(folder.path());
  EXPECT_EQ(packed, write_package({{"docs/guide.md", "words"}, {"plugin.so", "code"}}));
  EXPECT_EQ(pack(folder.path() / "plugin.so"), write_package({{"plugin.so", "code"}}));
}

TEST(Pack, follows_no_link_and_opens_nothing_special) {
  const serai_test::TemporaryDirectory folder, elsewhere;
  write(folder.path() / "plugin.so", "code");
  write(elsewhere.path() / "secret", "not yours");
  const auto faulty = [&](const std::string& what) {
    try {
      pack(folder.path());
      ADD_FAILURE() << what;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("link or a special file")) << what;
    }
    std::filesystem::remove(folder.path() / "extra");
  };
  std::filesystem::create_symlink(elsewhere.path() / "secret", folder.path() / "extra");
  faulty("link to a file");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "extra");
  faulty("link to a folder");
  ASSERT_EQ(::mkfifo((folder.path() / "extra").c_str(), 0600), 0);
  faulty("FIFO");
  EXPECT_NO_THROW(pack(folder.path()));
}

TEST(Pack, says_what_is_missing) {
  const serai_test::TemporaryDirectory folder;
  EXPECT_THROW(pack(folder.path()), std::runtime_error);
  EXPECT_THROW(pack(folder.path() / "nowhere.so"), std::runtime_error);
}

TEST(ReplaceFile, leaves_nothing_beside_the_file) {
  const serai_test::TemporaryDirectory folder;
  replace_file(folder.path() / "a", "one");
  replace_file(folder.path() / "a", "two");
  EXPECT_EQ(read_file(folder.path() / "a"), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_THROW(replace_file(folder.path() / "no" / "b", "x"), std::runtime_error);
}

}  // namespace
}  // namespace host::trust
