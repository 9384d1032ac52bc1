// A lane as the plugin's side sees it: sends what the plugin asks of the host and keeps what the
// host lends until the call ends. One per lane thread; reached by current().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_time.hpp"
#include "isolation/lane.hpp"
#include "isolation/protocol.hpp"
#include "isolation/wire.hpp"
#include "serai/abi/base.h"

namespace plugin_host {

using host::isolation::Decoder;
using host::isolation::Encoder;
using host::isolation::Function;
using host::isolation::Lane;

class HostLink {
 public:
  // Makes itself the current link of this thread.
  explicit HostLink(Lane& lane);
  ~HostLink();
  HostLink(const HostLink&) = delete;
  HostLink& operator=(const HostLink&) = delete;

  // Null on a thread that serves no lane.
  static HostLink* current() noexcept;

  // The next ask; views of it live until the next one.
  std::uint32_t next(std::string_view& payload);
  // Ends the ask, and everything that was lent for it.
  void done(std::string_view payload);

  // Arguments go into begin()'s encoder; then ask() waits for the outcome, whose values are in
  // answer(). `no_result`: a pointer for a result was null, which the host refuses.
  Encoder begin(Function function, serai_call call, bool no_result = false);
  serai_status ask();
  Decoder& answer() { return answer_; }
  void post();

  // The current ask wants an answer to `call`: `with` is what posts a good one.
  void expect_answer(Function with, serai_call call) {
    expected_ = with;
    expected_for_ = call;
  }
  // True the first time for what is expected; from then on the host has to be asked.
  bool take_answer(Function with, serai_call call) {
    const bool first = expected_ == with && expected_for_ == call;
    expected_ = {};
    return first;
  }

  // Of this thread; the ask's so far is in it.
  host::ThreadTime& time() { return time_; }

  // Memory until the call ends.
  void* lend(std::size_t size);
  serai_str lend(std::string_view text);
  // Memory of an object of the host's, until it is released, replaced or the call ends.
  void* lend_for(serai_handle object, std::size_t size);
  void give_back(serai_handle object);

  std::string_view error_code() const { return error_code_; }
  std::string_view error_detail() const { return error_detail_; }

 private:
  Lane& lane_;
  Function function_{};
  Function expected_{};
  serai_call expected_for_ = 0;
  host::ThreadTime time_;
  std::string ask_, out_, in_;
  std::string error_code_, error_detail_;
  Decoder answer_{{}};
  std::vector<std::unique_ptr<std::byte[]>> lent_;
  std::map<serai_handle, std::unique_ptr<std::byte[]>> lent_objects_;
};

}  // namespace plugin_host
