#include "trust/package_file.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/random.hpp"
#include "trust/package.hpp"

namespace host::trust {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + ": " + why);
}

// Non-blocking, so that a FIFO cannot hold us up before it is seen to be none of ours.
std::string read(const fs::path& path, int more_flags) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | more_flags));
  if (file.get() < 0 && errno == ELOOP) refuse(path, "is a link; a package has none");
  if (file.get() < 0) refuse(path, std::string("cannot be read (") + std::strerror(errno) + ")");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    refuse(path, "is not a regular file");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxPackage)
    refuse(path, "is larger than 512 MiB; strip it");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(path, std::string("cannot be read (") + std::strerror(errno) + ")");
    if (got == 0) break;  // became shorter: the hashes will tell
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::vector<std::pair<std::string, std::string>> files_of(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  std::uint64_t total = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto kind = entry.symlink_status().type();
    if (kind == fs::file_type::directory) continue;
    if (kind != fs::file_type::regular)
      refuse(entry.path(), "is a link or a special file; a package has files only");
    files.emplace_back(entry.path().lexically_relative(folder).generic_string(),
                       read(entry.path(), O_NOFOLLOW));
    total += files.back().second.size();
    if (total > kMaxPackage) refuse(folder, "is larger than 512 MiB");
  }
  return files;
}

}  // namespace

std::string pack(const fs::path& source) {
  try {
    if (fs::is_directory(source)) return write_package(files_of(source));
    return write_package({{std::string(kCode), read(source, 0)}});
  } catch (const std::invalid_argument& error) {
    refuse(source, error.what());
  } catch (const fs::filesystem_error& error) {
    refuse(source, error.code().message());
  }
}

std::string read_file(const fs::path& file) { return read(file, 0); }

void replace_file(const fs::path& file, std::string_view bytes) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const fs::path beside = folder / ("." + file.filename().string() + "." + random_hex(6));
  const auto fail = [&](const char* what) {
    const std::string why = std::strerror(errno);
    ::unlink(beside.c_str());
    refuse(file, std::string("cannot be ") + what + " (" + why + ")");
  };
  {
    const Descriptor out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (out.get() < 0) fail("written");
    while (!bytes.empty()) {
      const ssize_t put = ::write(out.get(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail("written");
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(out.get()) != 0) fail("synced");
  }
  if (::rename(beside.c_str(), file.c_str()) != 0) fail("put in place");
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) fail("synced");
}

}  // namespace host::trust
