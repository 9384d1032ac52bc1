// PNG: the header says what decoding will cost; libpng checks the rest when it is drawn. JPEG: goes
// into the PDF as it is and is never decoded here, so every segment is walked.
#include "picture.hpp"

#include <cstdint>

#include <serai/problem.hpp>

namespace pdf {
namespace {

class Bytes {
 public:
  Bytes(std::string_view all, const std::string& pointer) : all_(all), pointer_(pointer) {}

  [[noreturn]] void broken() const {
    throw serai::invalid_field(pointer_,
                               "The picture is broken: it ends too early or contradicts itself.");
  }
  std::uint32_t number(std::size_t at, int size) const {
    if (at + static_cast<std::size_t>(size) > all_.size()) broken();
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(all_[at + static_cast<std::size_t>(i)]);
    return value;
  }
  std::string_view all() const { return all_; }
  const std::string& pointer() const { return pointer_; }

 private:
  std::string_view all_;
  const std::string& pointer_;
};

void check_size(const Bytes& bytes, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) bytes.broken();
  if (width > kMaxPictureSide || height > kMaxPictureSide ||
      static_cast<long long>(width) * height > kMaxPicturePixels)
    throw serai::invalid_field(bytes.pointer(),
                               "The picture has " + std::to_string(width) + " x " +
                                   std::to_string(height) +
                                   " pixels; at most 8000 on a side and 12 million in all.");
}

Picture read_png(std::string bytes, const std::string& pointer) {
  const Bytes from(bytes, pointer);
  if (from.number(8, 4) != 13 || bytes.substr(12, 4) != "IHDR") from.broken();
  Picture picture{Picture::Kind::png, {}, 0, 0, pointer};
  const auto width = from.number(16, 4), height = from.number(20, 4);
  check_size(from, width, height);
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.bytes = std::move(bytes);
  return picture;
}

bool is_frame(std::uint32_t marker) {  // of a kind every viewer can show
  return marker == 0xC0 || marker == 0xC1 || marker == 0xC2;
}
bool is_other_frame(std::uint32_t marker) {
  return marker >= 0xC3 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}
// JFIF's own header and Adobe's colour word are needed; Exif, XMP, ICC and comments are not.
bool is_kept(std::uint32_t marker) {
  const bool application = marker >= 0xE0 && marker <= 0xEF;
  return (!application || marker == 0xE0 || marker == 0xEE) && marker != 0xFE;
}

void read_frame(const Bytes& from, std::size_t at, Picture& picture) {
  const auto components = from.number(at + 9, 1);
  if (from.number(at + 4, 1) != 8 || (components != 1 && components != 3))
    throw serai::invalid_field(from.pointer(),
                               "The JPEG's colours are not 8 bit grey or RGB; save it as RGB.");
  check_size(from, from.number(at + 7, 2), from.number(at + 5, 2));
  picture.height = static_cast<int>(from.number(at + 5, 2));
  picture.width = static_cast<int>(from.number(at + 7, 2));
}

Picture read_jpeg(const std::string& bytes, const std::string& pointer) {
  const Bytes from(bytes, pointer);
  Picture picture{Picture::Kind::jpeg, "\xFF\xD8", 0, 0, pointer};
  picture.bytes.reserve(bytes.size());
  std::size_t at = 2;
  for (;;) {
    if (from.number(at, 1) != 0xFF) from.broken();
    while (from.number(at + 1, 1) == 0xFF) ++at;  // fill bytes
    const auto marker = from.number(at + 1, 1);
    if (marker == 0xD9 || marker == 0x00 || (marker >= 0xD0 && marker <= 0xD8)) from.broken();
    const std::size_t size = from.number(at + 2, 2);
    if (size < 2 || at + 2 + size > bytes.size()) from.broken();
    if (is_other_frame(marker) || (is_frame(marker) && picture.width != 0))
      throw serai::invalid_field(pointer, "The JPEG is of a rare kind; save it as baseline.");
    if (is_frame(marker)) read_frame(from, at, picture);
    if (is_kept(marker)) picture.bytes.append(bytes, at, size + 2);
    at += size + 2;
    if (marker == 0xDA) break;  // the data and, in progressive ones, more tables follow
  }
  if (picture.width == 0 || bytes.find("\xFF\xD9", at) == std::string::npos) from.broken();
  picture.bytes.append(bytes, at, bytes.rfind("\xFF\xD9") + 2 - at);
  return picture;
}

}  // namespace

Picture read_picture(std::string bytes, const std::string& pointer) {
  if (bytes.size() > kMaxPictureBytes)
    throw serai::invalid_field(pointer, "The picture is larger than 4 MiB.");
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return read_png(std::move(bytes), pointer);
  if (bytes.starts_with("\xFF\xD8\xFF")) return read_jpeg(bytes, pointer);
  throw serai::invalid_field(pointer, "The picture is neither a PNG nor a JPEG.");
}

}  // namespace pdf
