// The package of a plugin: one file with the library, what belongs to it, the list of their hashes
// and the signature of that list. A container of its own and not a zip, so that there is exactly
// one way to write a given content: nothing is compressed, nothing can be named twice, no entry can
// be a link or lead elsewhere, and no byte of the file is outside of what the signature covers.
//
//   serai-package 1
//   file MANIFEST <size>        then <size> bytes and a line break; so for each file
//   file MANIFEST.sig <size>    absent: unsigned
//   file <path> <size>          in the order of MANIFEST
//   end
//
// MANIFEST: a line "<blake2b-256 in hexadecimal> <path>" for each file, sorted by path; one of them
// is plugin.so. The reader takes hostile bytes: bounds are checked, nothing throws, nothing is
// written to disk. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trust/hash.hpp"

namespace host::trust {

inline constexpr std::string_view kCode = "plugin.so";
inline constexpr std::string_view kExtension = ".seraiplugin";
inline constexpr std::uint64_t kMaxPackage = 512u << 20;  // bytes

struct PackageFile {
  std::string_view path, bytes;
  Hash listed{};  // as MANIFEST says; whether the bytes have it is check_content()'s question
};

// A package's bytes from front to back, as its reader takes them.
class PackageSource {
 public:
  virtual ~PackageSource() = default;
  // What comes next, at most `most` bytes and fewer only at the end; takes nothing. Valid until the
  // next call.
  virtual std::string_view peek(std::size_t most) = 0;
  // Takes `size` bytes of the file `path` of the package, or says false if there are fewer. `bytes`
  // is valid as long as the source; a source may keep plugin.so elsewhere and leave it empty.
  virtual bool take(std::string_view path, std::uint64_t size, std::string_view& bytes) = 0;
  // Passes over bytes that were seen.
  virtual void skip(std::size_t size) = 0;
};

// Views into what the source holds.
struct Package {
  std::string_view manifest;
  std::string_view signature;      // the text of MANIFEST.sig; empty: unsigned
  std::vector<PackageFile> files;  // in the order of MANIFEST
  const PackageFile& code() const;
  // Names this content for good, whoever signed it: the hash of MANIFEST.
  Hash hash() const { return blake2b_256(manifest); }
};

// Do these bytes claim to be a package?
bool is_package(std::string_view bytes);

// Structure only: frame, names, order, agreement with MANIFEST. Empty: fine. Else one clear
// sentence without its full stop, to follow the name of the file.
std::string parse_package(PackageSource& source, Package& out);
// The same of bytes in memory, into which `out` then looks.
std::string parse_package(std::string_view bytes, Package& out);

// Do the files have the hashes that MANIFEST lists? `with_code`: also plugin.so, which the loader
// hashes itself, where it will be mapped from. Empty: yes.
std::string check_content(const Package& package, bool with_code);

// The package's bytes; `signature` may be empty. Throws std::invalid_argument, with the sentence,
// for files that no reader would accept.
std::string write_package(std::vector<std::pair<std::string, std::string>> files,
                          std::string_view signature = {});
// The same files under another signature.
std::string with_signature(const Package& package, std::string_view signature);

// The hash that a package of this library alone would have: so that a bare .so has a name too.
Hash hash_of_code(const Hash& code);

}  // namespace host::trust
