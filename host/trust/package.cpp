// Reader and writer of the package format; see the header.
#include "trust/package.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace host::trust {
namespace {

constexpr std::string_view kFirstLine = "serai-package 1\n";
constexpr std::string_view kManifest = "MANIFEST";
constexpr std::string_view kSignature = "MANIFEST.sig";
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxLine = 400;

std::string pack_again(std::string_view fault) {
  return std::string(fault) += "; pack it again with `serai plugin pack`";
}

bool good_segment(std::string_view segment) {
  if (segment.empty() || segment.front() == '.') return false;  // no "..", nothing hidden
  return std::all_of(segment.begin(), segment.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '+';
  });
}

bool good_path(std::string_view path) {
  if (path.size() > 200 || path == kManifest || path == kSignature) return false;
  for (;;) {
    const auto slash = path.find('/');
    if (!good_segment(path.substr(0, slash))) return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

class Memory final : public PackageSource {
 public:
  explicit Memory(std::string_view bytes) : rest_(bytes) {}
  std::string_view peek(std::size_t most) override { return rest_.substr(0, most); }
  bool take(std::string_view, std::uint64_t size, std::string_view& bytes) override {
    if (rest_.size() < size) return false;
    bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  void skip(std::size_t size) override { rest_.remove_prefix(size); }

 private:
  std::string_view rest_;
};

// The text up to the next line break; nullopt if there is none near.
std::optional<std::string> take_line(PackageSource& source) {
  const std::string_view ahead = source.peek(kMaxLine);
  const auto end = ahead.find('\n');
  if (end == ahead.npos) return std::nullopt;
  std::string line(ahead.substr(0, end));
  source.skip(end + 1);
  return line;
}

// Decimal without sign or leading zero: one spelling for each size.
std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.front() == '0' && digits.size() > 1) return std::nullopt;
  return size;
}

struct Raw {
  std::string path;
  std::string_view bytes;
};

// The next "file" with its bytes, or "end", which leaves `out.path` empty.
std::string take_file(PackageSource& source, Raw& out) {
  const auto line = take_line(source);
  if (!line) return pack_again("it is cut off");
  out = {};
  if (*line == "end") return {};
  const auto space = line->rfind(' ');
  if (!line->starts_with("file ") || space < 6)  // an empty name is none
    return pack_again("it has a line that is neither \"file\" nor \"end\"");
  const auto size = parse_size(std::string_view(*line).substr(space + 1));
  if (!size) return pack_again("it has a file without a proper size");
  out.path = line->substr(5, space - 5);
  if (!source.take(out.path, *size, out.bytes) || source.peek(1).empty())
    return pack_again("it is cut off in a file");
  if (source.peek(1) != "\n") return pack_again("a file in it does not end where it should");
  source.skip(1);
  return {};
}

std::string parse_manifest(std::string_view manifest, std::vector<PackageFile>& out) {
  bool code = false;
  while (!manifest.empty()) {
    PackageFile file;
    const auto end = manifest.substr(0, kMaxLine).find('\n');
    const auto line = manifest.substr(0, end);
    if (end == manifest.npos || line.size() < 66 || line[64] != ' ' ||
        !from_hex(line.substr(0, 64), file.listed))
      return pack_again("its MANIFEST has a line that is not \"hash path\"");
    manifest.remove_prefix(end + 1);
    file.path = line.substr(65);
    if (!good_path(file.path))
      return "its MANIFEST names a file that may not be in a package"
             "; names are relative, of letters, digits, '_', '-', '+', '.', without hidden parts";
    if (!out.empty() && out.back().path >= file.path)
      return pack_again("its MANIFEST is not sorted, or names a file twice");
    if (out.size() == kMaxFiles) return "it has more than 1000 files; leave some out";
    code |= file.path == kCode;
    out.push_back(file);
  }
  if (!code) return pack_again("it has no plugin.so");
  return {};
}

void put(std::string& out, std::string_view path, std::string_view bytes) {
  out += "file ";
  out += path;
  out += ' ' + std::to_string(bytes.size()) + '\n';
  out += bytes;
  out += '\n';
}

}  // namespace

const PackageFile& Package::code() const {
  return *std::find_if(files.begin(), files.end(),
                       [](const PackageFile& file) { return file.path == kCode; });
}

bool is_package(std::string_view bytes) { return bytes.starts_with("serai-package "); }

std::string parse_package(PackageSource& source, Package& out) {
  out = {};
  if (source.peek(kFirstLine.size()) != kFirstLine)
    return "it does not begin with \"serai-package 1\"; it is no package, or of a newer Serai";
  source.skip(kFirstLine.size());
  Raw raw;
  if (auto fault = take_file(source, raw); !fault.empty()) return fault;
  if (raw.path != kManifest) return pack_again("its first file is not MANIFEST");
  std::vector<PackageFile> files;
  if (auto fault = parse_manifest(raw.bytes, files); !fault.empty()) return fault;
  const std::string_view manifest = raw.bytes;
  std::string_view signature;
  if (auto fault = take_file(source, raw); !fault.empty()) return fault;
  if (raw.path == kSignature) {
    signature = raw.bytes;
    if (signature.empty()) return pack_again("its MANIFEST.sig is empty");
    if (auto fault = take_file(source, raw); !fault.empty()) return fault;
  }
  for (auto& file : files) {
    if (raw.path != file.path)
      return pack_again("its files are not those of its MANIFEST, in that order");
    file.bytes = raw.bytes;
    if (auto fault = take_file(source, raw); !fault.empty()) return fault;
  }
  if (!raw.path.empty()) return pack_again("it has a file that its MANIFEST does not list");
  if (!source.peek(1).empty()) return pack_again("it goes on after its end");
  out = {manifest, signature, std::move(files)};
  return {};
}

std::string parse_package(std::string_view bytes, Package& out) {
  out = {};
  if (bytes.size() > kMaxPackage) return "it is larger than 512 MiB; strip it";
  Memory source(bytes);
  return parse_package(source, out);
}

std::string check_content(const Package& package, bool with_code) {
  for (const auto& file : package.files)
    if ((with_code || file.path != kCode) && blake2b_256(file.bytes) != file.listed)
      return "its file " + std::string(file.path) +
             " is not the one its MANIFEST lists; get the package again";
  return {};
}

std::string write_package(std::vector<std::pair<std::string, std::string>> files,
                          std::string_view signature) {
  std::sort(files.begin(), files.end());
  std::string manifest;
  for (const auto& [path, bytes] : files)
    manifest += to_hex(blake2b_256(bytes)) + ' ' + path + '\n';
  std::string package(kFirstLine);
  put(package, kManifest, manifest);
  if (!signature.empty()) put(package, kSignature, signature);
  for (const auto& [path, bytes] : files) put(package, path, bytes);
  package += "end\n";
  Package parsed;
  if (const auto fault = parse_package(package, parsed); !fault.empty())
    throw std::invalid_argument(fault);
  return package;
}

std::string with_signature(const Package& package, std::string_view signature) {
  std::string out(kFirstLine);
  put(out, kManifest, package.manifest);
  if (!signature.empty()) put(out, kSignature, signature);
  for (const auto& file : package.files) put(out, file.path, file.bytes);
  return out + "end\n";
}

Hash hash_of_code(const Hash& code) {
  return blake2b_256(to_hex(code) + ' ' + std::string(kCode) + '\n');
}

}  // namespace host::trust
