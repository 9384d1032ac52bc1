// See file_type.hpp.
#include "file_type.hpp"

#include <algorithm>

#include "encoding.hpp"

namespace knowledge {
namespace {

struct Named {
  FileType type;
  std::string_view name;
  std::string_view media;
};
constexpr Named kTypes[] = {
    {FileType::text, "txt", "text/plain; charset=utf-8"},
    {FileType::markdown, "md", "text/markdown; charset=utf-8"},
    {FileType::html, "html", "text/html; charset=utf-8"},
    {FileType::pdf, "pdf", "application/pdf"},
    {FileType::docx, "docx",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// A page begins with a tag of its own; a text that merely speaks of tags does not.
bool looks_like_html(std::string_view text) {
  const std::string start = lower(text.substr(0, 2048));
  const std::size_t first = start.find_first_not_of(" \t\n\f");
  if (first == std::string::npos || start[first] != '<') return false;
  for (const std::string_view mark : {"<!doctype html", "<html", "<head", "<body", "<title"}) {
    if (start.find(mark) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<FileType> file_type(std::string_view head, std::string_view tail, bool whole,
                                  std::string_view file_name) {
  if (head.substr(0, 1024).find("%PDF-") != std::string_view::npos) return FileType::pdf;
  if (head.starts_with("PK\x03\x04")) {
    constexpr std::string_view part = "word/document.xml";
    const bool found =
        head.find(part) != std::string_view::npos || tail.find(part) != std::string_view::npos;
    return found ? std::optional(FileType::docx) : std::nullopt;
  }
  const auto text = decode_text(head, !whole);
  if (!text) return std::nullopt;
  const std::string name = lower(file_name);
  if (looks_like_html(*text)) return FileType::html;
  if (name.ends_with(".html") || name.ends_with(".htm")) return FileType::html;
  if (name.ends_with(".md") || name.ends_with(".markdown")) return FileType::markdown;
  return FileType::text;
}

std::string_view name_of(FileType type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes),
                      [type](const Named& named) { return named.type == type; })
      ->name;
}

std::optional<FileType> file_type_named(std::string_view name) {
  for (const Named& named : kTypes) {
    if (named.name == name) return named.type;
  }
  return std::nullopt;
}

std::string_view media_type(FileType type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes),
                      [type](const Named& named) { return named.type == type; })
      ->media;
}

}  // namespace knowledge
