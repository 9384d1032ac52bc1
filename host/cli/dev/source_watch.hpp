// Tells when a file below a folder has been written, moved or removed (inotify). Hidden files and
// folders, editors' leavings and one folder of the caller's choice (where the build writes) do not
// count.
#pragma once

#include <filesystem>
#include <map>

namespace host::cli {

class SourceWatch {
 public:
  // Throws std::system_error if the system has no more watches to give.
  SourceWatch(const std::filesystem::path& folder, std::filesystem::path without);
  ~SourceWatch();
  SourceWatch(const SourceWatch&) = delete;
  SourceWatch& operator=(const SourceWatch&) = delete;

  // For poll(): readable when something has happened.
  int descriptor() const { return descriptor_; }
  // Takes what has happened. The last file that counts; empty: none.
  std::filesystem::path changed();

 private:
  void add(const std::filesystem::path& folder);

  int descriptor_ = -1;
  std::filesystem::path without_;
  std::map<int, std::filesystem::path> folders_;  // by watch
};

}  // namespace host::cli
