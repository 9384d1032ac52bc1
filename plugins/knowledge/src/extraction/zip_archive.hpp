// A zip held in memory, read entry by entry under the limits: what a packed bomb meets.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "block.hpp"

struct zip;
struct zip_file;

namespace knowledge {

class ZipEntry {
 public:
  ~ZipEntry();
  ZipEntry(ZipEntry&& other) noexcept;
  ZipEntry& operator=(ZipEntry&&) = delete;

  // Up to `size` bytes; 0 at the end. Throws ExtractionError for damage and when the entry grows
  // beyond the limits, whatever its header claimed.
  std::size_t read(char* to, std::size_t size);

 private:
  friend class ZipArchive;
  ZipEntry(zip_file* file, std::uint64_t packed, const ExtractionLimits& limits)
      : file_(file), packed_(packed), limits_(&limits) {}

  zip_file* file_;
  std::uint64_t packed_;
  std::uint64_t unpacked_ = 0;
  const ExtractionLimits* limits_;
};

class ZipArchive {
 public:
  // The bytes outlive the archive. Throws ExtractionError.
  ZipArchive(std::string_view bytes, const ExtractionLimits& limits);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  bool has(const char* name) const;
  // Throws ExtractionError if there is no such entry.
  ZipEntry open(const char* name);

 private:
  zip* archive_ = nullptr;
  const ExtractionLimits& limits_;
};

}  // namespace knowledge
