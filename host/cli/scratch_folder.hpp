// A folder of this process's own, for what is only tried out: removed with everything in it at the
// end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace host::cli {

class ScratchFolder {
 public:
  // Mode 0700. Throws std::runtime_error.
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "serai-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("There is no place for a temporary folder.");
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace host::cli
