// Talk on one lane; see the header. A lane that fails means that the host is gone or sees this
// process as broken: nothing is left to do here.
#include "plugin_host/host_link.hpp"

#include <cstring>

#include <unistd.h>

namespace plugin_host {
namespace {

using host::isolation::Outcome;
using host::isolation::Patience;

thread_local HostLink* t_current = nullptr;

void need(Outcome outcome) {
  if (outcome != Outcome::done) ::_exit(3);
}

}  // namespace

HostLink::HostLink(Lane& lane) : lane_(lane) { t_current = this; }
HostLink::~HostLink() { t_current = nullptr; }
HostLink* HostLink::current() noexcept { return t_current; }

std::uint32_t HostLink::next(std::string_view& payload) {
  std::uint32_t kind = 0;
  need(lane_.receive(kind, ask_, Patience{}));
  payload = ask_;
  expected_ = {};
  return kind;
}

void HostLink::done(std::string_view payload) {
  lent_.clear();
  lent_objects_.clear();
  need(lane_.send(host::isolation::kDone, payload, Patience{}));
}

Encoder HostLink::begin(Function function, serai_call call, bool no_result) {
  function_ = function;
  Encoder arguments(out_);
  arguments.number(call);
  arguments.number(static_cast<std::uint8_t>(no_result));
  return arguments;
}

serai_status HostLink::ask() {
  if (out_.size() > Lane::kMaxMessage) {
    error_code_ = "too_large";
    error_detail_ = "More than 80 MiB do not fit through one call of the host.";
    return SERAI_E_TOO_LARGE;
  }
  time_.may_wait();
  need(lane_.send(static_cast<std::uint32_t>(function_), out_, Patience{}));
  std::uint32_t kind = 0;
  need(lane_.receive(kind, in_, Patience{}));
  if (kind != host::isolation::kReturn) ::_exit(3);
  answer_ = Decoder(in_);
  const auto status = answer_.number<serai_status>();
  if (status < 0) {
    error_code_ = answer_.text();
    error_detail_ = answer_.text();
  }
  return status;
}

void HostLink::post() {
  if (out_.size() <= Lane::kMaxMessage)
    need(lane_.send(static_cast<std::uint32_t>(function_), out_, Patience{}));
}

void* HostLink::lend(std::size_t size) {
  return lent_.emplace_back(std::make_unique<std::byte[]>(size)).get();
}

serai_str HostLink::lend(std::string_view text) {
  if (text.empty()) return {"", 0};
  void* copy = lend(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {static_cast<const char*>(copy), text.size()};
}

void* HostLink::lend_for(serai_handle object, std::size_t size) {
  auto& memory = lent_objects_[object];
  memory = std::make_unique<std::byte[]>(size);
  return memory.get();
}

void HostLink::give_back(serai_handle object) { lent_objects_.erase(object); }

}  // namespace plugin_host
