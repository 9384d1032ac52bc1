// libcurl's handles, kept for their connections: one is lent for one request. For rooms that link
// libcurl; this one does not. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include <curl/curl.h>

namespace host {

class CurlHandles {
 public:
  CurlHandles() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~CurlHandles() {
    for (CURL* handle : idle_) curl_easy_cleanup(handle);
  }
  CurlHandles(const CurlHandles&) = delete;
  CurlHandles& operator=(const CurlHandles&) = delete;

  // Goes back, with its options reset, at the end of the pointer's life.
  struct GiveBack {
    CurlHandles* from;
    void operator()(CURL* handle) const { from->give(handle); }
  };
  using Lent = std::unique_ptr<CURL, GiveBack>;

  // Throws std::bad_alloc.
  Lent lend() { return Lent(take(), GiveBack{this}); }

 private:
  static constexpr std::size_t kMostIdle = 32;

  CURL* take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        CURL* handle = idle_.back();
        idle_.pop_back();
        return handle;
      }
    }
    CURL* handle = curl_easy_init();
    if (!handle) throw std::bad_alloc();
    return handle;
  }
  void give(CURL* handle) {
    curl_easy_reset(handle);
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMostIdle)
      idle_.push_back(handle);
    else
      curl_easy_cleanup(handle);
  }

  std::mutex mutex_;
  std::vector<CURL*> idle_;
};

}  // namespace host
