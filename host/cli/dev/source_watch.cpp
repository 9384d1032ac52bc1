#include "cli/dev/source_watch.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <sys/inotify.h>
#include <unistd.h>

namespace host::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_ONLYDIR | IN_DONT_FOLLOW;

bool is_leaving(const std::string& name) {
  return name.empty() || name.front() == '.' || name.front() == '#' || name.back() == '~' ||
         name == "4913" || name.ends_with(".swp") || name.ends_with(".tmp");
}

}  // namespace

SourceWatch::SourceWatch(const fs::path& folder, fs::path without)
    : descriptor_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), without_(std::move(without)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "inotify");
  try {
    add(folder);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

SourceWatch::~SourceWatch() { ::close(descriptor_); }

void SourceWatch::add(const fs::path& folder) {
  const int watch = ::inotify_add_watch(descriptor_, folder.c_str(), kEvents);
  if (watch < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return;  // gone again meanwhile
    throw std::system_error(errno, std::generic_category(), "watching " + folder.string());
  }
  folders_[watch] = folder;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (entry.is_directory(none) && !entry.is_symlink(none) && entry.path() != without_ &&
        !is_leaving(entry.path().filename().string()))
      add(entry.path());
  }
}

fs::path SourceWatch::changed() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  fs::path last;
  while (true) {
    const auto got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return last;
    for (const char* at = buffer.data(); at < buffer.data() + got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      if (event->mask & IN_IGNORED) folders_.erase(event->wd);
      const std::string name = event->len > 0 ? event->name : "";
      const auto folder = folders_.find(event->wd);
      if (is_leaving(name) || folder == folders_.end()) continue;
      const auto path = folder->second / name;
      if (path == without_) continue;
      if (event->mask & IN_ISDIR) {
        if (event->mask & (IN_CREATE | IN_MOVED_TO)) add(path);
        // What lies in a new folder may have been written before it was watched.
        last = path;
      } else if (!(event->mask & IN_CREATE)) {  // a new file counts when it is written
        last = path;
      }
    }
  }
}

}  // namespace host::cli
