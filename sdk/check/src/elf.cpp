#include "elf.hpp"

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <type_traits>

#include <elf.h>

namespace serai::check {
namespace {

class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}

  template <class Record>
  Record at(std::uint64_t offset) const {
    static_assert(std::is_trivially_copyable_v<Record>);
    Record record;
    std::memcpy(&record, view(offset, sizeof record).data(), sizeof record);
    return record;
  }
  std::string_view view(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
      throw std::runtime_error("The file is damaged: it points outside of itself.");
    return std::string_view(bytes_).substr(offset, size);
  }
  std::string text(const Elf64_Shdr& table, std::uint64_t index) const {
    const auto all = view(table.sh_offset, table.sh_size);
    if (index >= all.size()) throw std::runtime_error("The file's string table is damaged.");
    const auto rest = all.substr(index);
    return std::string(rest.substr(0, rest.find('\0')));
  }

 private:
  std::string bytes_;
};

void read_symbols(const Image& image, const Elf64_Shdr& symbols, const Elf64_Shdr& names,
                  ElfFacts& facts) {
  for (std::uint64_t i = 0; i < symbols.sh_size / sizeof(Elf64_Sym); ++i) {
    const auto symbol = image.at<Elf64_Sym>(symbols.sh_offset + i * sizeof(Elf64_Sym));
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL) continue;
    if (symbol.st_shndx == SHN_ABS && symbol.st_size == 0) continue;  // names of versions
    const auto name = image.text(names, symbol.st_name);
    if (binding == STB_GNU_UNIQUE) facts.unique_symbols.push_back(name);
    facts.exports.push_back(name);
  }
}

void read_dynamic(const Image& image, const Elf64_Shdr& dynamic, const Elf64_Shdr& names,
                  ElfFacts& facts) {
  for (std::uint64_t i = 0; i < dynamic.sh_size / sizeof(Elf64_Dyn); ++i) {
    const auto entry = image.at<Elf64_Dyn>(dynamic.sh_offset + i * sizeof(Elf64_Dyn));
    const std::uint64_t value = entry.d_un.d_val;
    switch (entry.d_tag) {
      case DT_NULL:
        return;
      case DT_NEEDED:
        facts.needed.push_back(image.text(names, value));
        break;
      case DT_RPATH:
      case DT_RUNPATH:
        facts.run_path = image.text(names, value);
        break;
      case DT_TEXTREL:
        facts.text_relocations = true;
        break;
      case DT_BIND_NOW:
        facts.binds_now = true;
        break;
      case DT_FLAGS:
        facts.binds_now |= (value & DF_BIND_NOW) != 0;
        facts.text_relocations |= (value & DF_TEXTREL) != 0;
        facts.initial_exec_tls |= (value & DF_STATIC_TLS) != 0;
        break;
      case DT_FLAGS_1:
        facts.binds_now |= (value & DF_1_NOW) != 0;
        break;
      default:
        break;
    }
  }
}

void read_segments(const Image& image, const Elf64_Ehdr& header, ElfFacts& facts) {
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = image.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    facts.has_relro |= segment.p_type == PT_GNU_RELRO;
    if (segment.p_type == PT_GNU_STACK) {
      facts.has_stack_header = true;
      facts.executable_stack = (segment.p_flags & PF_X) != 0;
    }
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) && (segment.p_flags & PF_W))
      facts.writable_code = true;
  }
}

}  // namespace

ElfFacts read_elf(const std::filesystem::path& file) {
  std::string bytes(std::filesystem::file_size(file), '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw std::runtime_error(file.string() + " cannot be read.");
  const Image image(std::move(bytes));
  const auto header = image.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_type != ET_DYN || header.e_shentsize != sizeof(Elf64_Shdr) ||
      header.e_phentsize != sizeof(Elf64_Phdr))
    throw std::runtime_error("It is not a 64-bit shared object.");
  std::vector<Elf64_Shdr> sections;
  for (std::uint64_t i = 0; i < header.e_shnum; ++i)
    sections.push_back(image.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr)));
  if (header.e_shstrndx >= sections.size())
    throw std::runtime_error("The file's section table is damaged.");

  ElfFacts facts;
  read_segments(image, header, facts);
  for (const auto& section : sections) {
    const bool is_symbols = section.sh_type == SHT_DYNSYM;
    if ((is_symbols || section.sh_type == SHT_DYNAMIC) && section.sh_link >= sections.size())
      throw std::runtime_error("The file's section table is damaged.");
    if (is_symbols) read_symbols(image, section, sections[section.sh_link], facts);
    if (section.sh_type == SHT_DYNAMIC)
      read_dynamic(image, section, sections[section.sh_link], facts);
    if (image.text(sections[header.e_shstrndx], section.sh_name) != ".serai.manifest") continue;
    if (section.sh_type == SHT_NOBITS) continue;
    facts.manifest = image.view(section.sh_offset, section.sh_size);
    while (facts.manifest.ends_with('\0')) facts.manifest.pop_back();
    facts.manifest_is_read_only = (section.sh_flags & SHF_WRITE) == 0;
  }
  return facts;
}

}  // namespace serai::check
