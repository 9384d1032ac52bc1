// See zip_archive.hpp.
#include "zip_archive.hpp"

#include <utility>

#include <zip.h>

namespace knowledge {
namespace {

constexpr std::uint64_t kRatioApplies = 1U << 20;  // bytes: small files may pack well

[[noreturn]] void damaged() {
  throw ExtractionError("The file is damaged: its packed contents cannot be read.");
}

}  // namespace

ZipEntry::ZipEntry(ZipEntry&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)),
      packed_(other.packed_),
      unpacked_(other.unpacked_),
      limits_(other.limits_) {}

ZipEntry::~ZipEntry() {
  if (file_ != nullptr) zip_fclose(file_);
}

std::size_t ZipEntry::read(char* to, std::size_t size) {
  const zip_int64_t got = zip_fread(file_, to, size);
  if (got < 0) damaged();
  unpacked_ += static_cast<std::uint64_t>(got);
  const bool swollen =
      unpacked_ > kRatioApplies && unpacked_ / (packed_ + 1) > limits_->unpacked_ratio;
  if (unpacked_ > limits_->unpacked_bytes || swollen) {
    throw ExtractionError("The file unpacks to far more than it should: it is refused.");
  }
  return static_cast<std::size_t>(got);
}

ZipArchive::ZipArchive(std::string_view bytes, const ExtractionLimits& limits) : limits_(limits) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source != nullptr) {
    archive_ = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive_ == nullptr) zip_source_free(source);
  }
  zip_error_fini(&error);
  if (archive_ == nullptr) damaged();
  if (static_cast<std::uint64_t>(zip_get_num_entries(archive_, 0)) > limits.packed_entries) {
    zip_discard(archive_);
    throw ExtractionError("The file packs more parts than any document has: it is refused.");
  }
}

ZipArchive::~ZipArchive() { zip_discard(archive_); }

bool ZipArchive::has(const char* name) const { return zip_name_locate(archive_, name, 0) >= 0; }

ZipEntry ZipArchive::open(const char* name) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat(archive_, name, 0, &stat) != 0 || (stat.valid & ZIP_STAT_COMP_SIZE) == 0) damaged();
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    throw ExtractionError("The file is protected by a password.");
  }
  zip_file_t* file = zip_fopen(archive_, name, 0);
  if (file == nullptr) damaged();
  return {file, stat.comp_size, limits_};
}

}  // namespace knowledge
