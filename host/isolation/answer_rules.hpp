// What a handler may answer. Both processes ask: the host because it trusts no plugin, a plugin's
// own process so that a good answer need not wait for the host's word.
#pragma once

#include <cstdint>

#include "serai/abi/base.h"

namespace host::isolation {

constexpr std::uint64_t kMaxAnswer = 64 << 20;  // bytes of a body; larger ones are blobs
constexpr std::uint64_t kMaxReply = 16 << 20;   // bytes, of a service

// What is wrong with status and headers of an answer, a sentence; null: nothing.
const char* fault_of_answer(std::int32_t http_status, const serai_pair* headers,
                            std::uint32_t header_count) noexcept;

}  // namespace host::isolation
