#include "cli/data_directory.hpp"

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace host::cli {

DataDirectory::DataDirectory(const std::filesystem::path& path)
    : path_(std::filesystem::absolute(path)) {
  if (std::filesystem::create_directories(path_)) ::chmod(path_.c_str(), 0700);
  lock_ = ::open((path_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) throw std::system_error(errno, std::generic_category(), (path_ / "lock").string());
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw std::runtime_error(path_.string() + " is in use by another serai process");
  }
}

DataDirectory::~DataDirectory() { ::close(lock_); }

void DataDirectory::write(const std::filesystem::path& name, const std::string& text,
                          bool secret) const {
  const auto target = path_ / name;
  const std::string temporary = target.string() + ".new";
  const int file =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, secret ? 0600 : 0644);
  if (file < 0) throw std::system_error(errno, std::generic_category(), temporary);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!written) throw std::runtime_error(temporary + " could not be written");
  std::filesystem::rename(temporary, target);
}

}  // namespace host::cli
