#include "file_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace inbound {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSignatures = {
    std::pair{"%PDF-"sv, "application/pdf"sv},
    std::pair{"\x89PNG\r\n\x1A\n"sv, "image/png"sv},
    std::pair{"\xFF\xD8\xFF"sv, "image/jpeg"sv},
    std::pair{"GIF8"sv, "image/gif"sv},
    std::pair{"BM"sv, "image/bmp"sv},
    std::pair{"II*\0"sv, "image/tiff"sv},
    std::pair{"MM\0*"sv, "image/tiff"sv},
    std::pair{"\x78\x9F\x3E\x22"sv, "application/ms-tnef"sv},
    std::pair{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "application/x-ole-storage"sv},
    std::pair{"{\\rtf"sv, "application/rtf"sv},
    std::pair{"MZ"sv, "application/vnd.microsoft.portable-executable"sv},
    std::pair{"\x7F"
              "ELF"sv,
              "application/x-elf"sv},
    std::pair{"Rar!\x1A\x07"sv, "application/vnd.rar"sv},
    std::pair{"7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"sv},
    std::pair{"\x1F\x8B"sv, "application/gzip"sv},
    std::pair{"ID3"sv, "audio/mpeg"sv},
    std::pair{"BEGIN:VCALENDAR"sv, "text/calendar"sv},
    std::pair{"BEGIN:VCARD"sv, "text/vcard"sv}};

constexpr std::array kOffice = {
    std::pair{".docx"sv,
              "application/vnd.openxmlformats-officedocument.wordprocessingml.document"sv},
    std::pair{".xlsx"sv, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"sv},
    std::pair{".pptx"sv,
              "application/vnd.openxmlformats-officedocument.presentationml.presentation"sv},
    std::pair{".odt"sv, "application/vnd.oasis.opendocument.text"sv}};

bool has(std::string_view content, std::size_t at, std::string_view word) {
  return content.size() >= at + word.size() && content.substr(at, word.size()) == word;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char byte) {
    return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
  });
  return out;
}

bool is_text(std::string_view head) {
  return std::none_of(head.begin(), head.end(), [](char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x20 && value != '\n' && value != '\r' && value != '\t' && value != '\f';
  });
}

}  // namespace

std::string detect_type(std::string_view content, std::string_view name) {
  if (content.empty()) return "application/octet-stream";
  for (const auto& [signature, type] : kSignatures) {
    if (has(content, 0, signature)) return std::string(type);
  }
  if (has(content, 0, "RIFF") && has(content, 8, "WEBP")) return "image/webp";
  if (has(content, 4, "ftyphei") || has(content, 4, "ftypmif1")) return "image/heic";
  if (has(content, 4, "ftyp")) return "video/mp4";
  const auto ending = lower(name);
  if (has(content, 0, "PK\x03\x04")) {
    for (const auto& [suffix, type] : kOffice) {
      if (ending.ends_with(suffix)) return std::string(type);
    }
    return "application/zip";
  }
  const auto head = content.substr(0, 4096);
  if (!is_text(head)) return "application/octet-stream";
  const auto begin = lower(head.substr(0, 512));
  // What a browser would run is named so, whatever it is called.
  for (const auto* mark : {"<!doctype html", "<html", "<script", "<body"}) {
    if (begin.find(mark) != std::string::npos) return "text/html";
  }
  if (begin.find("<svg") != std::string::npos) return "image/svg+xml";
  if (begin.starts_with("<?xml")) return "application/xml";
  return ending.ends_with(".csv") ? "text/csv" : "text/plain";
}

}  // namespace inbound
