#include "auth/lockout.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <arpa/inet.h>

namespace host::auth {

int Lockout::shut(std::string_view key, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(key));
  if (found == entries_.end() || found->second.shut_until <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::seconds>(found->second.shut_until - now).count();
  return static_cast<int>(left);
}

bool Lockout::count(std::string_view key, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= policy_.capacity) make_room(now);
  auto& entry = entries_[std::string(key)];
  const bool penalty_over = entry.shut_until != Timestamp{} && entry.shut_until <= now;
  if (entry.attempts == 0 || penalty_over || now - entry.first > policy_.window)
    entry = Entry{0, now, Timestamp{}};
  ++entry.attempts;
  if (entry.attempts < policy_.attempts) return false;
  entry.shut_until = now + policy_.penalty;
  return true;
}

void Lockout::forgive(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(key));
  if (found == entries_.end() || found->second.attempts == 0) return;
  --found->second.attempts;
  if (found->second.attempts < policy_.attempts) found->second.shut_until = Timestamp{};
}

void Lockout::clear(std::string_view key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(std::string(key));
}

// Drops what has run out; if that frees too little, the oldest quarter of those that are not shut,
// so that a flood of new keys cannot open a shut one.
void Lockout::make_room(Timestamp now) {
  std::erase_if(entries_, [&](const auto& item) {
    return item.second.shut_until <= now && now - item.second.first > policy_.window;
  });
  if (entries_.size() < policy_.capacity) return;
  std::vector<Timestamp> ages;
  for (const auto& [key, entry] : entries_) {
    if (entry.shut_until <= now) ages.push_back(entry.first);
  }
  if (ages.empty()) {
    entries_.clear();
    return;
  }
  const auto quarter = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 4);
  std::nth_element(ages.begin(), quarter, ages.end());
  std::erase_if(entries_, [&, limit = *quarter](const auto& item) {
    return item.second.shut_until <= now && item.second.first <= limit;
  });
}

std::string address_group(std::string_view address) {
  std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  // An IPv4 address in IPv6 clothes is one customer by its last 32 bits.
  const bool mapped =
      std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
      bytes[10] == 0xff && bytes[11] == 0xff;
  if (mapped) {
    std::array<char, INET_ADDRSTRLEN> plain{};
    inet_ntop(AF_INET, bytes.data() + 12, plain.data(), plain.size());
    return plain.data();
  }
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> group{};
  inet_ntop(AF_INET6, bytes.data(), group.data(), group.size());
  return std::string(group.data()) + "/64";
}

}  // namespace host::auth
