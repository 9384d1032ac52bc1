// Blobs as files: <directory>/<tenant>/ab/<64 hex digits>. Every write goes to a temporary file,
// is synced, renamed into place and the folder synced, so that a name always stands for whole,
// durable bytes. Equal content is stored once and counted: "<64 hex digits>.n" is as many bytes
// long as there are references beyond the first.
#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/blob_hash.hpp"
#include "storage/blobs.hpp"
#include "storage/files.hpp"
#include "storage/sql.hpp"

namespace host::storage {
namespace {

namespace fs = std::filesystem;

constexpr auto kAgeOfLeftovers = std::chrono::hours(24);
constexpr std::size_t kLocks = 32;

// Full disks are told apart: they are the operator's to mend, and nothing was acknowledged.
[[noreturn]] void fail(const char* doing) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT;
  throw SqlError(full ? SqlFault::full : SqlFault::io,
                 std::string(doing) + ": " + std::generic_category().message(error));
}

// What writers share with the Blobs they came from, which they may outlive.
class Folder {
 public:
  explicit Folder(fs::path root) : root_(std::move(root)) {
    make_private_folder(root_);
    for (const auto& entry : fs::directory_iterator(root_)) {
      if (entry.path().filename().string().starts_with(".gone-")) fs::remove_all(entry.path());
    }
  }

  fs::path tenant(const std::string& id) const { return root_ / id; }
  fs::path file(const std::string& id, const std::string& digits) const {
    return tenant(id) / digits.substr(0, 2) / digits;
  }

  fs::path new_temporary(const std::string& id) {
    const fs::path folder = tenant(id) / "tmp";
    ensure(folder);
    remove_leftovers(id, folder);
    return folder / random_hex(16);
  }

  // Moves a synced temporary file to its name and counts the reference.
  void keep(const std::string& id, const fs::path& temporary, const std::string& digits,
            std::uint64_t size) {
    const fs::path target = file(id, digits);
    ensure(target.parent_path());
    const std::lock_guard lock(lock_of(digits));
    const bool known = fs::exists(target);
    if (known) change_count(target, +1);
    // Also when it is there already: should its bytes have rotted, these are good.
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail("cannot rename a file");
    sync_folder(target.parent_path());
    if (!known) change_usage(id, static_cast<std::int64_t>(size));
  }

  void drop(const std::string& id, const std::string& digits) {
    const fs::path target = file(id, digits);
    const std::lock_guard lock(lock_of(digits));
    struct stat info {};
    if (::lstat(target.c_str(), &info) != 0) return;
    if (change_count(target, -1)) return;
    if (::unlink(target.c_str()) != 0) fail("cannot remove a file");
    sync_folder(target.parent_path());
    change_usage(id, -static_cast<std::int64_t>(info.st_size));
  }

  std::uint64_t usage(const std::string& id) {
    const std::lock_guard lock(usage_mutex_);
    const auto known = usage_.find(id);
    if (known != usage_.end()) return static_cast<std::uint64_t>(known->second);
    std::int64_t sum = 0;
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(tenant(id), none)) {
      if (entry.path().filename().string().size() != kDigestDigits) continue;
      sum += static_cast<std::int64_t>(entry.file_size());
    }
    usage_[id] = sum;
    return static_cast<std::uint64_t>(sum);
  }

  void destroy(const std::string& id) {
    const fs::path doomed = root_ / (".gone-" + id + "-" + random_hex(4));
    if (::rename(tenant(id).c_str(), doomed.c_str()) != 0) {
      if (errno == ENOENT) return;
      fail("cannot remove a tenant's files");
    }
    sync_folder(root_);
    fs::remove_all(doomed);
    const std::lock_guard lock(usage_mutex_);
    usage_.erase(id);
    cleaned_.erase(id);
  }

 private:
  // One at a time: whoever finds the folder must be able to rely on its own entry being durable.
  void ensure(const fs::path& folder) {
    const std::lock_guard lock(folders_mutex_);
    make_private_folder(folder);
  }

  std::mutex& lock_of(const std::string& digits) {
    return locks_[std::hash<std::string>{}(digits) % kLocks];
  }

  // +1: one reference more. -1: one less; false if there was only one.
  static bool change_count(const fs::path& target, int by) {
    fs::path counter = target;
    counter += ".n";
    const Descriptor file(
        ::open(counter.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | (by > 0 ? O_CREAT : 0), 0600));
    if (file.get() < 0) {
      if (by < 0 && errno == ENOENT) return false;
      fail("cannot open a counter");
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) fail("cannot read a counter");
    if (by < 0 && info.st_size == 0) {
      ::unlink(counter.c_str());
      return false;
    }
    if (::ftruncate(file.get(), info.st_size + by) != 0) fail("cannot write a counter");
    if (::fsync(file.get()) != 0) {
      const int error = errno;
      // Whoever is told of the failure may try again: that must not count twice.
      [[maybe_unused]] const int undone = by < 0 ? ::ftruncate(file.get(), info.st_size) : 0;
      errno = error;
      fail("cannot write a counter");
    }
    return true;
  }

  void change_usage(const std::string& id, std::int64_t by) {
    const std::lock_guard lock(usage_mutex_);
    if (const auto known = usage_.find(id); known != usage_.end()) known->second += by;
  }

  // Once per tenant and process. Young ones may be another process's, at work right now.
  void remove_leftovers(const std::string& id, const fs::path& folder) {
    {
      const std::lock_guard lock(usage_mutex_);
      if (!cleaned_.insert(id).second) return;
    }
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const auto age = fs::file_time_type::clock::now() - entry.last_write_time(ignored);
      if (age > kAgeOfLeftovers) fs::remove(entry.path(), ignored);
    }
  }

  const fs::path root_;
  std::mutex folders_mutex_;
  std::array<std::mutex, kLocks> locks_;
  std::mutex usage_mutex_;
  std::map<std::string, std::int64_t> usage_;  // of tenants whose usage was asked for
  std::set<std::string> cleaned_;
};

class FileWriter final : public BlobWriter {
 public:
  FileWriter(std::shared_ptr<Folder> folder, std::string tenant)
      : folder_(std::move(folder)),
        tenant_(std::move(tenant)),
        path_(folder_->new_temporary(tenant_)),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (file_.get() < 0) fail("cannot make a file");
  }
  ~FileWriter() override {
    if (!kept_) ::unlink(path_.c_str());
  }

  void write(Bytes piece) override {
    hash_.add(piece);
    size_ += piece.size();
    while (!piece.empty()) {
      const ssize_t written = ::write(file_.get(), piece.data(), piece.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("cannot write a file");
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
  }

  BlobRef commit(Session* /*session*/) override {
    if (kept_) throw std::logic_error("a blob was committed twice");
    if (::fsync(file_.get()) != 0) fail("cannot sync a file");
    const std::string digits = hash_.digits();
    folder_->keep(tenant_, path_, digits, size_);
    kept_ = true;
    return reference_of(digits);
  }

 private:
  std::shared_ptr<Folder> folder_;
  std::string tenant_;
  fs::path path_;
  Descriptor file_;
  BlobHash hash_;
  std::uint64_t size_ = 0;
  bool kept_ = false;
};

class FileReader final : public BlobReader {
 public:
  FileReader(Descriptor file, std::uint64_t size, std::string digits)
      : file_(std::move(file)), size_(size), digits_(std::move(digits)) {}

  std::uint64_t size() const override { return size_; }
  int descriptor() const override { return file_.get(); }

  std::size_t read(std::uint64_t offset, std::span<std::byte> out) override {
    std::size_t got = 0;
    while (got < out.size() && offset + got < size_) {
      const ssize_t part = ::pread(file_.get(), out.data() + got, out.size() - got,
                                   static_cast<off_t>(offset + got));
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) fail("cannot read a file");
      if (part == 0) corrupt();  // shorter than it was when it was opened
      got += static_cast<std::size_t>(part);
    }
    if (offset == hashed_ && hash_) {
      hash_->add(out.first(got));
      hashed_ += got;
      if (hashed_ == size_) {
        const bool good = hash_->digits() == digits_;
        hash_.reset();
        if (!good) corrupt();
      }
    }
    return got;
  }

 private:
  [[noreturn]] static void corrupt() {
    throw Problem(500, "blob_corrupt", "The stored file is damaged.");
  }

  Descriptor file_;
  std::uint64_t size_;
  std::string digits_;
  std::uint64_t hashed_ = 0;
  std::optional<BlobHash> hash_{std::in_place};  // until all was read in order
};

class FileBlobs final : public Blobs {
 public:
  explicit FileBlobs(fs::path directory)
      : folder_(std::make_shared<Folder>(std::move(directory))) {}

  std::unique_ptr<BlobWriter> create(const CallToken& token) override {
    return std::make_unique<FileWriter>(folder_, folder_name(token.tenant()));
  }

  std::unique_ptr<BlobReader> open(const CallToken& token, const BlobRef& ref,
                                   Session* /*session*/) override {
    const std::string digits = digest_of(ref);
    const fs::path path = folder_->file(folder_name(token.tenant()), digits);
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0) {
      if (errno == ENOENT || errno == ENOTDIR) throw not_found("There is no such file.");
      fail("cannot open a file");
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) fail("cannot open a file");
    return std::make_unique<FileReader>(std::move(file), static_cast<std::uint64_t>(info.st_size),
                                        digits);
  }

  void remove(const CallToken& token, const BlobRef& ref) override {
    folder_->drop(folder_name(token.tenant()), digest_of(ref));
  }

  std::uint64_t usage(const CallToken& token) override {
    return folder_->usage(folder_name(token.tenant()));
  }

  void destroy(const CallToken& token) override { folder_->destroy(folder_name(token.tenant())); }

 private:
  std::shared_ptr<Folder> folder_;
};

}  // namespace

std::unique_ptr<Blobs> make_file_blobs(fs::path directory) {
  return std::make_unique<FileBlobs>(std::move(directory));
}

}  // namespace host::storage
