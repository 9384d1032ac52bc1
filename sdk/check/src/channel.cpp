#include "channel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <stdexcept>

#include <sys/mman.h>
#include <unistd.h>

namespace serai::check {
namespace {

constexpr std::size_t kText = 4096;

// What lies in the shared memory. Records follow: kind, law, length, text.
struct Page {
  std::atomic<std::uint32_t> finished;
  std::atomic<std::uint32_t> faulted;
  std::atomic<std::uint32_t> used;  // bytes of records
  char activity[kText];
  char fault[kText];
  char records[1];
};
constexpr std::size_t kRecords = Channel::kSize - offsetof(Page, records);

struct Head {
  char kind;  // 'f'inding, 'n'ote, 's'kip
  Law law;
  std::uint32_t size;
};

Page* page = nullptr;
Channel* channel = nullptr;
std::mutex appending;

Page* map(int descriptor, int protection) {
  void* memory = ::mmap(nullptr, Channel::kSize, protection, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("there is no memory for a report");
  return static_cast<Page*>(memory);
}

std::string text_of(const char* text) { return {text, ::strnlen(text, kText)}; }

}  // namespace

int Channel::create() {
  const int descriptor = ::memfd_create("serai-check-report", 0);
  if (descriptor < 0 || ::ftruncate(descriptor, kSize) != 0)
    throw std::runtime_error(std::string("no memory file can be made: ") + std::strerror(errno));
  return descriptor;
}

Report Channel::read(int descriptor, Laws wanted) {
  const Page* from = map(descriptor, PROT_READ);
  Report report;
  report.finished = from->finished != 0;
  report.activity = text_of(from->activity);
  report.fault = text_of(from->fault);
  std::set<std::string> seen;
  const std::size_t used = std::min<std::size_t>(from->used, kRecords);
  for (std::size_t at = 0; at + sizeof(Head) <= used;) {
    Head head;
    std::memcpy(&head, from->records + at, sizeof head);
    at += sizeof head;
    if (head.size > used - at) break;
    const std::string text(from->records + at, head.size);
    at += head.size;
    if (head.kind == 's') report.skipped = text;
    if (head.kind == 'n') report.notes.push_back(text);
    const bool counts = head.law == Law::general || (static_cast<Laws>(head.law) & wanted) != 0;
    if (head.kind == 'f' && counts && seen.insert(text).second) report.findings.push_back(text);
  }
  ::munmap(const_cast<Page*>(from), kSize);
  return report;
}

Channel::Channel(int descriptor) {
  page = map(descriptor, PROT_READ | PROT_WRITE);
  channel = this;
}

Channel& Channel::instance() { return *channel; }

void Channel::activity(std::string_view text) noexcept {
  const std::size_t size = std::min(text.size(), kText - 1);
  std::memcpy(page->activity, text.data(), size);
  page->activity[size] = '\0';
}

void Channel::append(char kind, Law law, std::string_view text) noexcept {
  text = text.substr(0, 2000);
  const std::lock_guard lock(appending);
  const std::size_t used = page->used;
  if (used + sizeof(Head) + text.size() > kRecords) return;
  const Head head{kind, law, static_cast<std::uint32_t>(text.size())};
  std::memcpy(page->records + used, &head, sizeof head);
  std::memcpy(page->records + used + sizeof head, text.data(), text.size());
  page->used = static_cast<std::uint32_t>(used + sizeof head + text.size());
}

void Channel::find(Law law, std::string_view sentence) noexcept { append('f', law, sentence); }
void Channel::note(std::string_view sentence) noexcept { append('n', Law::general, sentence); }
void Channel::skip(std::string_view reason) noexcept { append('s', Law::general, reason); }
void Channel::finish() noexcept { page->finished = 1; }

std::string Channel::take_fault() {
  const std::string text = text_of(page->fault);
  page->fault[0] = '\0';
  page->faulted = 0;
  return text.empty() ? "a fatal signal." : text;
}

std::string Channel::last_activity() const { return text_of(page->activity); }

void Channel::fault(const char* text) noexcept {
  if (page == nullptr || page->faulted.exchange(1) != 0) return;
  std::size_t i = 0;
  for (; i < kText - 1 && text[i] != '\0'; ++i) page->fault[i] = text[i];
  page->fault[i] = '\0';
}

}  // namespace serai::check
