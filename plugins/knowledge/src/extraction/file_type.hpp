// What a file is, judged by its bytes. The name only decides between kinds of text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace knowledge {

enum class FileType : std::uint8_t { text, markdown, html, pdf, docx };

// How much of a file's beginning and end file_type() wants to see, bytes.
inline constexpr std::size_t kTypeHead = 64 * 1024;
inline constexpr std::size_t kTypeTail = 128 * 1024;

// Nothing: none of the supported kinds. `head` and `tail` may overlap; `whole`: head is everything.
std::optional<FileType> file_type(std::string_view head, std::string_view tail, bool whole,
                                  std::string_view file_name);

// "txt", "md", "html", "pdf", "docx" and back.
std::string_view name_of(FileType type);
std::optional<FileType> file_type_named(std::string_view name);
std::string_view media_type(FileType type);

}  // namespace knowledge
