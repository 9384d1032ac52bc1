#include "usage/thread_buffers.hpp"

namespace host::usage {
namespace {

std::atomic<std::uint64_t> next_number{1};

}  // namespace

ThreadBuffers::ThreadBuffers() : number_(next_number.fetch_add(1)) {}

ThreadBuffers::Buffer& ThreadBuffers::mine() {
  thread_local std::uint64_t owner = 0;
  thread_local std::shared_ptr<Buffer> buffer;
  if (owner != number_) {
    auto fresh = std::make_shared<Buffer>();
    {
      const std::lock_guard lock(mutex_);
      buffers_.push_back(fresh);
    }
    buffer = std::move(fresh);
    owner = number_;
  }
  // cppcheck-suppress nullPointer ; made above the first time, kept by the thread since
  return *buffer;
}

void ThreadBuffers::record(std::string_view tenant, std::string_view plugin,
                           const Amounts& amounts) {
  Buffer& buffer = mine();
  buffer.take();
  try {
    auto found = buffer.map->find(AccountView{tenant, plugin});
    if (found == buffer.map->end())
      found = buffer.map->try_emplace({std::string(tenant), std::string(plugin)}).first;
    found->second.add(amounts);
  } catch (...) {
    buffer.give_back();
    throw;
  }
  buffer.give_back();
}

ByAccount<Amounts> ThreadBuffers::collect() {
  std::vector<std::shared_ptr<Buffer>> all;
  {
    const std::lock_guard lock(mutex_);
    // The count is read before the buffer: whoever still holds it may still write to it.
    std::erase_if(buffers_, [&](std::shared_ptr<Buffer>& buffer) {
      const bool last = buffer.use_count() == 1;
      all.push_back(buffer);
      return last;
    });
  }
  Map sum;
  auto fresh = std::make_unique<Map>();
  for (const auto& buffer : all) {
    buffer->take();
    fresh.swap(buffer->map);
    buffer->give_back();
    for (const auto& [key, amounts] : *fresh) sum[key].add(amounts);
    fresh->clear();
  }
  return sum;
}

}  // namespace host::usage
