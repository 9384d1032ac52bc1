// Hostile-safe readers of ELF64 and of the bundle format; see the header.
#include "plugins/bundle.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <type_traits>

#include <elf.h>

namespace host::plugins {
namespace {

constexpr std::uint64_t kMaxSections = 4096;
constexpr std::uint64_t kMaxSymbols = 1 << 20;
constexpr std::uint64_t kMaxBundle = 8 << 20;
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxNeeded = 100;

class Image {
 public:
  explicit Image(std::span<const std::byte> file) : file_(file) {}

  template <class Record>
  bool read(std::uint64_t offset, Record& out) const {
    static_assert(std::is_trivially_copyable_v<Record>);
    if (!inside(offset, sizeof(Record))) return false;
    std::memcpy(&out, file_.data() + offset, sizeof(Record));
    return true;
  }
  bool inside(std::uint64_t offset, std::uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset;
  }
  std::string_view bytes(std::uint64_t offset, std::uint64_t size) const {
    return {reinterpret_cast<const char*>(file_.data()) + offset, size};
  }
  // NUL-terminated text at `index` of a string table; nullopt if it does not end inside.
  std::optional<std::string_view> text(const Elf64_Shdr& table, std::uint64_t index) const {
    if (!inside(table.sh_offset, table.sh_size) || index >= table.sh_size) return std::nullopt;
    const std::string_view rest = bytes(table.sh_offset, table.sh_size).substr(index);
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return rest.substr(0, end);
  }

 private:
  std::span<const std::byte> file_;
};

constexpr auto kDamaged = "its section table is damaged; build the plugin again";

std::string read_symbols(const Image& image, const std::vector<Elf64_Shdr>& sections,
                         ElfFacts& out) {
  for (const auto& section : sections) {
    if (section.sh_type != SHT_DYNSYM) continue;
    const std::uint64_t count = section.sh_size / sizeof(Elf64_Sym);
    if (section.sh_link >= sections.size() || count > kMaxSymbols ||
        !image.inside(section.sh_offset, section.sh_size))
      return "its symbol table is damaged; build the plugin again";
    for (std::uint64_t i = 0; i < count; ++i) {
      Elf64_Sym symbol;
      if (!image.read(section.sh_offset + i * sizeof symbol, symbol))
        return "its symbol table is damaged; build the plugin again";
      const auto binding = ELF64_ST_BIND(symbol.st_info);
      if (binding == STB_LOCAL) continue;
      if (symbol.st_shndx == SHN_UNDEF) {
        const auto wanted = image.text(sections[section.sh_link], symbol.st_name);
        if (wanted == "pthread_key_create" || wanted == "tss_create") out.thread_keys = true;
        continue;
      }
      if (symbol.st_shndx == SHN_ABS && symbol.st_size == 0) continue;  // version names
      if (binding == STB_GNU_UNIQUE) ++out.unique_symbols;
      const auto name = image.text(sections[section.sh_link], symbol.st_name);
      if (!name) return "its symbol table is damaged; build the plugin again";
      out.exports.push_back(*name);
    }
  }
  return {};
}

std::string read_needed(const Image& image, const std::vector<Elf64_Shdr>& sections,
                        ElfFacts& out) {
  for (const auto& section : sections) {
    if (section.sh_type != SHT_DYNAMIC) continue;
    if (section.sh_link >= sections.size() || !image.inside(section.sh_offset, section.sh_size))
      return kDamaged;
    const std::uint64_t count = section.sh_size / sizeof(Elf64_Dyn);
    for (std::uint64_t i = 0; i < count; ++i) {
      Elf64_Dyn entry;
      if (!image.read(section.sh_offset + i * sizeof entry, entry)) return kDamaged;
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag != DT_NEEDED) continue;
      const auto name = image.text(sections[section.sh_link], entry.d_un.d_val);
      if (!name || out.needed.size() >= kMaxNeeded) return kDamaged;
      out.needed.push_back(*name);
    }
  }
  return {};
}

bool good_path(std::string_view path) {
  if (path.empty() || path.size() > 200 || path.front() == '/' || path.back() == '/') return false;
  if (path.find("..") != std::string_view::npos) return false;
  return std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/';
  });
}

// Takes the text up to the next '\n' off `rest`; false if there is none within 400 bytes.
bool take_line(std::string_view& rest, std::string_view& line) {
  const auto end = rest.substr(0, 400).find('\n');
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string inspect_elf(std::span<const std::byte> file, ElfFacts& out) {
  out = {};
  const Image image(file);
  Elf64_Ehdr header;
  if (!image.read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return "it is not an ELF file; give the .so that the build made";
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_type != ET_DYN)
    return "it is not a 64-bit little-endian shared object; build it for this machine";
#if defined(__x86_64__)
  if (header.e_machine != EM_X86_64)
    return "it was built for another processor; build it for this machine";
#elif defined(__aarch64__)
  if (header.e_machine != EM_AARCH64)
    return "it was built for another processor; build it for this machine";
#endif
  const std::uint64_t count = header.e_shnum;
  if (count == 0 || count > kMaxSections || header.e_shentsize != sizeof(Elf64_Shdr) ||
      header.e_shstrndx >= count || !image.inside(header.e_shoff, count * sizeof(Elf64_Shdr)))
    return kDamaged;
  std::vector<Elf64_Shdr> sections(count);
  for (std::uint64_t i = 0; i < count; ++i)
    if (!image.read(header.e_shoff + i * sizeof(Elf64_Shdr), sections[i])) return kDamaged;

  const Elf64_Shdr* found = nullptr;
  for (const auto& section : sections) {
    const auto name = image.text(sections[header.e_shstrndx], section.sh_name);
    if (!name) return kDamaged;
    if (*name != ".serai.manifest") continue;
    if (found) return "it has two .serai.manifest sections; build it with serai_add_plugin()";
    found = &section;
  }
  if (!found) return "it has no .serai.manifest section; build it with serai_add_plugin()";
  if (found->sh_type == SHT_NOBITS || !image.inside(found->sh_offset, found->sh_size))
    return kDamaged;
  if (found->sh_size > kMaxBundle) return "its manifest is larger than 8 MiB; shorten it";
  out.bundle = image.bytes(found->sh_offset, found->sh_size);
  if (auto fault = read_needed(image, sections, out); !fault.empty()) return fault;
  return read_symbols(image, sections, out);
}

std::string parse_bundle(std::string_view bundle, std::vector<BundleFile>& out) {
  constexpr auto kAgain = "; build the plugin again with serai_add_plugin()";
  out.clear();
  // The section may be padded to its alignment and C strings end in a NUL.
  while (!bundle.empty() && bundle.back() == '\0') bundle.remove_suffix(1);
  std::string_view rest = bundle, line;
  if (!take_line(rest, line) || line != "serai-bundle 1")
    return std::string("the bundle does not begin with \"serai-bundle 1\"") + kAgain;
  for (;;) {
    if (!take_line(rest, line)) return std::string("the bundle is cut off") + kAgain;
    if (line == "end") break;
    const auto space = line.rfind(' ');
    if (!line.starts_with("file ") || space < 5)
      return std::string("the bundle has a line that is neither \"file\" nor \"end\"") + kAgain;
    BundleFile file{line.substr(5, space - 5), {}};
    const std::string_view digits = line.substr(space + 1);
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (!good_path(file.path) || error != std::errc{} || end != digits.data() + digits.size())
      return std::string("the bundle has a file with a bad name or size") + kAgain;
    if (rest.size() <= size || rest[size] != '\n')
      return std::string("the bundle is cut off in a file") + kAgain;
    file.bytes = rest.substr(0, size);
    rest.remove_prefix(size + 1);
    for (const auto& other : out)
      if (other.path == file.path)
        return "the bundle has two files named " + std::string(file.path) + kAgain;
    if (out.size() >= kMaxFiles) return std::string("the bundle has more than 1000 files") + kAgain;
    out.push_back(file);
  }
  if (!rest.empty()) return std::string("the bundle goes on after its end") + kAgain;
  if (out.empty() || out.front().path != "plugin.yaml")
    return std::string("the bundle's first file is not plugin.yaml") + kAgain;
  return {};
}

}  // namespace host::plugins
