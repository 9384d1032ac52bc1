// Sealed memfd, checks, Boost.DLL, proof of unloading; see the header.
#include "plugins/library.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOST_DLL_USE_STD_FS 1
#include <boost/dll/shared_library.hpp>

#include "base/descriptor.hpp"
#include "plugins/bundle.hpp"
#include "plugins/memory_file.hpp"
#include "plugins/package_stream.hpp"
#include "serai/abi/entry.h"
#include "trust/package.hpp"

namespace host::plugins {
namespace {

constexpr std::uint64_t kMaxFile = 512u << 20;
constexpr auto kTooLarge = "it is larger than 512 MiB; strip it";

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw LoadError(name + ": " + why + ".");
}

void copy(int from, int to, const std::string& name) {
  std::size_t total = 0;
  char buffer[64 << 10];
  while (const std::size_t got = read_some(from, buffer, sizeof buffer, name)) {
    total += got;
    if (total > kMaxFile) refuse(name, kTooLarge);
    write_all(to, buffer, got, name);
  }
}

int open_file(const std::filesystem::path& file, const std::string& name) {
  Descriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.get() < 0)
    refuse(name, std::string("it cannot be opened (") + std::strerror(errno) +
                     "); check the path and its permissions");
  struct stat status {};
  if (::fstat(source.get(), &status) != 0 || !S_ISREG(status.st_mode))
    refuse(name, "it is not a regular file; give the .so that the build made");
  return source.release();
}

std::string check_entry(const serai_entry& entry, std::string_view bundle,
                        const Manifest& manifest) {
  if (entry.struct_size < sizeof(serai_entry))
    return "its entry is smaller than this host's; build it with a current SDK";
  if (entry.abi_epoch != SERAI_ABI_EPOCH)
    return "it was built for ABI epoch " + std::to_string(entry.abi_epoch) +
           " and this host speaks " + std::to_string(SERAI_ABI_EPOCH) +
           "; build it with this host's SDK";
  if (entry.abi_minor > SERAI_ABI_MINOR)
    return "it was built for ABI 1." + std::to_string(entry.abi_minor) +
           " and this host offers 1." + std::to_string(SERAI_ABI_MINOR) +
           "; update the host or build with an older SDK";
  if (entry.reserved != 0) return "its entry uses a reserved field; set it to zero";
  if (!entry.create) return "its entry has no create(); build it with the SDK";
  const std::string_view named{entry.manifest.data ? entry.manifest.data : "",
                               entry.manifest.data ? entry.manifest.size : 0};
  const auto trimmed = [](std::string_view text) {
    while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
    return text;
  };
  if (trimmed(named) != trimmed(bundle))
    return "its entry names another manifest than its .serai.manifest section; build it again";
  if ((manifest.abi_epoch && *manifest.abi_epoch != entry.abi_epoch) ||
      (manifest.abi_minor && *manifest.abi_minor > SERAI_ABI_MINOR))
    return "plugin.yaml: abi: asks for an ABI this host does not offer; lower it or update the "
           "host";
  return {};
}

// Never closed, not even when the process ends: their code may be in use until then.
void keep_for_good(boost::dll::shared_library library) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<boost::dll::shared_library>;
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(library));
}

}  // namespace

class Library::Loaded {
 public:
  boost::dll::shared_library handle;
};

Library::Library(const std::filesystem::path& file, const trust::Policy* policy, bool isolated)
    : name_(file.filename().string()) {
  try {
    take_code(file, policy, isolated);
    if (const auto fault = inspect(); !fault.empty()) refuse(name_, fault);
  } catch (...) {
    forget_view();
    if (descriptor_ >= 0) ::close(descriptor_);
    throw;
  }
}

// From the file to a sealed memfd whose bytes are what MANIFEST lists and the policy accepts.
void Library::take_code(const std::filesystem::path& file, const trust::Policy* policy,
                        bool isolated) {
  const Descriptor source(open_file(file, name_));
  struct stat status {};
  if (::fstat(source.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) > kMaxFile)
    refuse(name_, kTooLarge);
  char head[16] = "";
  const ssize_t peeked = ::pread(source.get(), head, sizeof head, 0);
  const bool packed = trust::is_package({head, peeked > 0 ? static_cast<std::size_t>(peeked) : 0});
  descriptor_ = make_memory_file(name_);
  std::optional<PackageStream> stream;
  trust::Package package;  // looks into the stream
  if (packed) {
    stream.emplace(source.get(), static_cast<std::uint64_t>(status.st_size), descriptor_, name_);
    if (const auto fault = trust::parse_package(*stream, package); !fault.empty())
      throw TrustError(name_ + ": " + fault + ".", verdict_);
  } else {
    copy(source.get(), descriptor_, name_);
  }
  seal(descriptor_, name_);
  if (::fstat(descriptor_, &status) != 0) refuse(name_, "its copy cannot be examined");
  inode_ = status.st_ino;
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ == 0) refuse(name_, "it is empty; build it again");
  void* view = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
  if (view == MAP_FAILED) refuse(name_, "there is no memory to look at it; free some");
  bytes_ = static_cast<const std::byte*>(view);

  // Hashed where it will be mapped from: what was read counts for nothing here.
  trust::Hash code{};
  if (packed || policy) code = trust::blake2b_256({static_cast<const char*>(view), size_});
  if (policy) {
    const auto hash = packed ? package.hash() : trust::hash_of_code(code);
    if (const auto fault = policy->judge(hash, package.signature, isolated, verdict_);
        !fault.empty())
      throw TrustError(name_ + ": " + fault + ".", verdict_);
  }
  if (!packed) return;
  std::string fault = trust::check_content(package, false);
  if (code != package.code().listed)
    fault = "its file plugin.so is not the one its MANIFEST lists; get the package again";
  if (!fault.empty()) throw TrustError(name_ + ": " + fault + ".", verdict_);
}

// What the bytes say of themselves: ELF, manifest, ABI. Empty: fine.
std::string Library::inspect() {
  ElfFacts facts;
  if (auto fault = inspect_elf({bytes_, size_}, facts); !fault.empty()) return fault;
  bundle_ = facts.bundle;
  ParsedManifest parsed = parse_manifest(bundle_, name_);
  if (!parsed.faults.empty()) {
    std::string all;
    for (const auto& sentence : parsed.faults) all += (all.empty() ? "" : " ") + sentence;
    throw LoadError(all);
  }
  if (parsed.manifest.abi_epoch && *parsed.manifest.abi_epoch != SERAI_ABI_EPOCH)
    return "plugin.yaml: abi.epoch: is " + std::to_string(*parsed.manifest.abi_epoch) +
           " and this host speaks " + std::to_string(SERAI_ABI_EPOCH) +
           "; build it with this host's SDK";
  if (parsed.manifest.abi_minor && *parsed.manifest.abi_minor > SERAI_ABI_MINOR)
    return "plugin.yaml: abi.minor: is newer than this host's " + std::to_string(SERAI_ABI_MINOR) +
           "; update the host or lower it";
  if (std::find(facts.exports.begin(), facts.exports.end(), SERAI_ENTRY_SYMBOL) ==
      facts.exports.end())
    return "it does not export " SERAI_ENTRY_SYMBOL "; build it with serai_add_plugin()";
  manifest_ = std::move(parsed.manifest);
  needed_.assign(facts.needed.begin(), facts.needed.end());
  unloadable_ = facts.unique_symbols == 0 && facts.exports.size() == 1 && !facts.thread_keys;
  return {};
}

Library::~Library() {
  const bool gone = !loaded_ || unload();
  forget_view();
  if (gone && !kept_) ::close(descriptor_);
}

// The view is a mapping of the memfd too: it must go before mapped() can mean the library.
void Library::forget_view() {
  if (bytes_) ::munmap(const_cast<std::byte*>(bytes_), size_);
  bytes_ = nullptr;
  bundle_ = {};
}

const serai_entry& Library::load() {
  auto loaded = std::make_unique<Loaded>();
  const std::filesystem::path path = "/proc/self/fd/" + std::to_string(descriptor_);
  std::error_code error;
  // Boost reports only a code; the dynamic linker's own words are better.
  loaded->handle.load(path, error,
                      boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    const char* words = ::dlerror();
    refuse(name_, "the dynamic linker refuses it (" +
                      (words ? std::string(words) : error.message()) +
                      "); install what it needs or build it again");
  }
  loaded_ = std::move(loaded);
  const auto* entry = &loaded_->handle.get<const serai_entry>(SERAI_ENTRY_SYMBOL);
  const auto fault = check_entry(*entry, bundle_, manifest_);
  forget_view();
  if (!fault.empty()) {
    unload();
    refuse(name_, fault);
  }
  return *entry;
}

bool Library::mapped() const {
  // By the memfd's inode, not by its name: names can be alike.
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    if (line.find("/memfd:") == std::string::npos) continue;
    std::istringstream fields(line);
    std::string addresses, permissions, offset, device;
    unsigned long inode = 0;
    if (!(fields >> addresses >> permissions >> offset >> device >> inode)) continue;
    if (inode == inode_) return true;
  }
  return false;
}

bool Library::unload() {
  if (!loaded_) return true;
  if (unloadable_) {
    loaded_->handle.unload();
    if (!mapped()) {
      loaded_.reset();
      return true;
    }
  }
  keep_for_good(std::move(loaded_->handle));
  loaded_.reset();
  kept_ = true;  // so the descriptor stays open too
  return false;
}

ParsedManifest read_manifest_of(std::string_view library, const std::string& name) {
  ElfFacts facts;
  const std::span bytes(reinterpret_cast<const std::byte*>(library.data()), library.size());
  if (const auto fault = inspect_elf(bytes, facts); !fault.empty())
    return {{}, {name + ": " + fault + "."}};
  return parse_manifest(facts.bundle, name);
}

ParsedManifest read_manifest(const std::filesystem::path& file) {
  try {
    ParsedManifest parsed;
    parsed.manifest = Library(file).manifest();
    return parsed;
  } catch (const LoadError& error) {
    return {{}, {error.what()}};
  }
}

}  // namespace host::plugins
