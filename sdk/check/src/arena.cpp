#include "arena.hpp"

#include <atomic>
#include <new>

#include <sys/mman.h>

namespace serai::check {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kBlock = std::size_t{64} << 30;  // of addresses, not of memory
constexpr std::size_t kRemembered = 1 << 16;           // the newest pieces are told by name

struct Lent {
  std::uintptr_t begin, guard;
  const char* label;
};
Lent remembered[kRemembered];
std::atomic<std::size_t> next_remembered{0};

std::mutex taking;
char* block = nullptr;
std::size_t block_used = kBlock;

char* take(std::size_t size) {
  const std::lock_guard lock(taking);
  if (size > kBlock) throw std::bad_alloc();
  if (size > kBlock - block_used) {
    void* fresh =
        ::mmap(nullptr, kBlock, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fresh == MAP_FAILED) throw std::bad_alloc();
    block = static_cast<char*>(fresh);
    block_used = 0;
  }
  char* taken = block + block_used;
  block_used += size;
  return taken;
}

}  // namespace

serai_str Region::text(std::string_view bytes, const char* label) {
  return {static_cast<const char*>(copy(bytes.data(), bytes.size(), 1, label)), bytes.size()};
}

const void* Region::copy(const void* bytes, std::size_t size, std::size_t alignment,
                         const char* label) {
  if (size == 0) return nullptr;
  const std::size_t pages = (size + kPage - 1) / kPage * kPage;
  pieces_.reserve(pieces_.size() + 1);
  char* begin = take(pages + kPage);
  if (::mprotect(begin, pages, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  pieces_.push_back({begin, pages + kPage});
  // At the end of its pages, as near as its alignment allows.
  char* place = begin + (pages - size) / alignment * alignment;
  std::memcpy(place, bytes, size);
  ::mprotect(begin, pages, PROT_READ);
  Lent& entry = remembered[next_remembered++ % kRemembered];
  entry = {reinterpret_cast<std::uintptr_t>(begin), reinterpret_cast<std::uintptr_t>(begin + pages),
           label};
  return place;
}

void Region::revoke() noexcept {
  for (std::size_t i = 0; i < pieces_.size();) {
    char* begin = pieces_[i].begin;
    std::size_t size = pieces_[i].size;
    for (++i; i < pieces_.size() && pieces_[i].begin == begin + size; ++i) size += pieces_[i].size;
    ::mprotect(begin, size, PROT_NONE);
    ::madvise(begin, size, MADV_DONTNEED);
  }
  pieces_.clear();
}

const char* lent_at(const void* address, bool* beyond) noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  for (const Lent& entry : remembered) {
    if (entry.label == nullptr || at < entry.begin || at >= entry.guard + kPage) continue;
    *beyond = at >= entry.guard;
    return entry.label;
  }
  return nullptr;
}

}  // namespace serai::check
