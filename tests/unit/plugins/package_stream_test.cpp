// A package read from its file piece by piece says what the reader of bytes in memory says.
#include "plugins/package_stream.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "plugins/memory_file.hpp"
#include "trust/package_file.hpp"
#include "unit/plugins/world.hpp"
#include "unit/trust/author.hpp"

namespace host::plugins {
namespace {

using testing::Folder;
using trust::testing::write;

constexpr std::size_t kBuffer = 64 << 10;  // of the stream

std::string noise(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525U + 1013904223U) >> 24);
  return bytes;
}

struct Read {
  std::string fault, code;
  std::vector<std::pair<std::string, std::string>> others;
  bool operator==(const Read&) const = default;
};

Read from_memory(const std::string& bytes) {
  Read read;
  trust::Package package;
  read.fault = trust::parse_package(bytes, package);
  for (const auto& file : package.files)
    if (file.path == trust::kCode)
      read.code = file.bytes;
    else
      read.others.emplace_back(file.path, file.bytes);
  return read;
}

struct StreamedPackage : ::testing::Test {
  Read from_file(const std::string& bytes) {
    write(file, bytes);
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    const Descriptor code(make_memory_file("code"));
    PackageStream stream(in.get(), bytes.size(), code.get(), "code");
    Read read;
    trust::Package package;
    read.fault = trust::parse_package(stream, package);
    if (!read.fault.empty()) return read;
    for (const auto& one : package.files)
      if (one.path != trust::kCode) read.others.emplace_back(one.path, one.bytes);
    read.code.resize(static_cast<std::size_t>(::lseek(code.get(), 0, SEEK_END)));
    EXPECT_EQ(::pread(code.get(), read.code.data(), read.code.size(), 0),
              static_cast<ssize_t>(read.code.size()));
    return read;
  }

  Folder folder;
  const std::filesystem::path file = folder.path() / "some.seraiplugin";
};

TEST_F(StreamedPackage, is_the_same_whatever_lies_across_the_edge_of_a_piece) {
  for (std::size_t ahead = kBuffer - 420; ahead < kBuffer + 20; ++ahead) {
    const auto bytes = trust::write_package({{"a.bin", noise(ahead, 1)},
                                             {"plugin.so", noise(3 * kBuffer - ahead / 2, 2)},
                                             {"z/notes.txt", noise(kBuffer + 1, 3)},
                                             {"z/void", ""}},
                                            "signed\n");
    const auto read = from_file(bytes);
    ASSERT_EQ(read.fault, "");
    ASSERT_EQ(read, from_memory(bytes)) << ahead << " bytes ahead of the code";
  }
}

TEST_F(StreamedPackage, cut_off_anywhere_is_refused_in_the_same_words) {
  const auto good = trust::write_package(
      {{"a.bin", noise(kBuffer, 1)}, {"plugin.so", noise(2 * kBuffer, 2)}, {"z", noise(100, 3)}},
      "signed\n");
  for (std::size_t size = 0;
       size<good.size(); size += size> 600 && size + 600 < good.size() ? 991 : 1) {
    const auto cut = good.substr(0, size);
    const auto read = from_file(cut);
    ASSERT_NE(read.fault, "") << size;
    ASSERT_EQ(read.fault, from_memory(cut).fault) << size;
  }
}

TEST_F(StreamedPackage, a_size_that_lies_is_no_size) {
  const std::string good = trust::write_package({{"a", "text"}, {"plugin.so", noise(1000, 2)}});
  for (const char* size : {"5", "3", "1004", "99999999", "18446744073709551615"})
    for (const std::string_view of : {"file a 4", "file plugin.so 1000"}) {
      auto bad = good;
      const auto at = bad.find(of) + of.rfind(' ') + 1;
      bad.replace(at, of.size() - of.rfind(' ') - 1, size);
      const auto read = from_file(bad);
      ASSERT_NE(read.fault, "") << of << " as " << size;
      ASSERT_EQ(read.fault, from_memory(bad).fault) << of << " as " << size;
    }
}

// Not so when it was opened, but while it is read.
TEST_F(StreamedPackage, that_became_shorter_is_cut_off) {
  const auto good = trust::write_package({{"plugin.so", noise(4 * kBuffer, 2)}});
  write(file, good.substr(0, 2 * kBuffer));
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor code(make_memory_file("code"));
  PackageStream stream(in.get(), good.size(), code.get(), "code");
  trust::Package package;
  EXPECT_THAT(trust::parse_package(stream, package), ::testing::HasSubstr("cut off in a file"));
}

}  // namespace
}  // namespace host::plugins
