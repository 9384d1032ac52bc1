// The directory of all state, held by one process at a time.
#pragma once

#include <filesystem>

namespace host::cli {

class DataDirectory {
 public:
  // Creates it (mode 0700) if need be. Throws std::runtime_error if another process holds it.
  explicit DataDirectory(const std::filesystem::path& path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes a small file below it in one step; `secret`: mode 0600, else 0644.
  void write(const std::filesystem::path& name, const std::string& text, bool secret) const;

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace host::cli
