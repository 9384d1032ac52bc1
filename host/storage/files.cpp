#include "storage/files.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/problem.hpp"

namespace host::storage {
namespace {

[[noreturn]] void fail(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

void sync(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (descriptor < 0) fail("cannot open for fsync");
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (result != 0) fail("cannot fsync");
}

}  // namespace

const std::string& folder_name(const std::string& tenant) {
  const bool good =
      tenant.size() >= 3 && tenant.size() <= 50 &&
      tenant.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (!good) throw forbidden("no_tenant", "This call belongs to no tenant.");
  return tenant;
}

void sync_folder(const std::filesystem::path& folder) { sync(folder, O_DIRECTORY); }
void sync_file(const std::filesystem::path& file) { sync(file, 0); }

void make_private_folder(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::is_directory(folder)) return;
  const std::filesystem::path parent = folder.parent_path();
  make_private_folder(parent);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make a folder");
  sync_folder(parent.empty() ? "." : parent);
}

void make_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) fail("cannot make a file");
  ::close(descriptor);
  sync_folder(file.parent_path());
}

}  // namespace host::storage
