// What a plugin's process could send as a host call: any function, any bytes. Outside of a call
// every table refuses its handle (and says so in the log: -close_fd_mask=2), so what runs is the
// taking apart of the message.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "isolation/wire.hpp"
#include "plugins/isolated/broker.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint32_t function = 0;
  if (size < sizeof function) return 0;
  std::memcpy(&function, data, sizeof function);
  std::string answer;
  try {
    host::plugins::broker(
        function, {reinterpret_cast<const char*>(data) + sizeof function, size - sizeof function},
        answer);
  } catch (const host::isolation::BadMessage&) {
  }
  return 0;
}
