// Loading, and from asks to the plugin's functions; see the header.
#include "plugin_host/plugin.hpp"

#include <cstring>
#include <thread>

#include <dlfcn.h>
#include <unistd.h>

#include "isolation/call_codec.hpp"
#include "plugin_host/tables.hpp"

namespace plugin_host {
using host::isolation::Ask;

Plugin::Plugin(std::vector<std::string> granted) : host_(make_host(std::move(granted))) {}

std::string Plugin::load(int descriptor) {
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* words = ::dlerror();
    return words ? words : "the dynamic linker refuses it";
  }
  ::close(descriptor);
  entry_ = static_cast<const serai_entry*>(::dlsym(library, SERAI_ENTRY_SYMBOL));
  if (!entry_ || entry_->struct_size < sizeof(serai_entry) ||
      entry_->abi_epoch != SERAI_ABI_EPOCH || entry_->abi_minor > SERAI_ABI_MINOR ||
      entry_->reserved != 0 || !entry_->create)
    return "its entry is not of this host's ABI; build it with this host's SDK";
  return {};
}

void Plugin::serve(std::byte* lane_memory) {
  Lane lane(lane_memory, Lane::End::child, std::thread::hardware_concurrency() > 1);
  HostLink link(lane);
  for (;;) {
    std::string_view payload;
    const auto ask = link.next(payload);
    answer(link, ask, payload);
  }
}

void Plugin::create(HostLink& link) {
  char error[512] = "";
  const serai_plugin* made = nullptr;
  serai_status status = entry_->create(&host_, &made, error, sizeof error);
  error[sizeof error - 1] = '\0';
  const bool whole = made && made->struct_size >= sizeof(serai_plugin) && made->reserved == 0 &&
                     made->resolve && made->start && made->handle_request && made->handle_message &&
                     made->handle_service && made->stop && made->destroy;
  if (status == SERAI_OK && !whole) {
    status = SERAI_E_INTERNAL;
    std::strcpy(error, "it gave an incomplete plugin; build it with the SDK");
  }
  if (status == SERAI_OK) code_ = made;
  std::string out;
  Encoder answer(out);
  answer.number(status);
  answer.text(std::string_view(error));
  link.done(out);
}

void Plugin::answer(HostLink& link, std::uint32_t ask, std::string_view payload) {
  Decoder from(payload);
  serai_status status = SERAI_OK;
  link.time().lap();
  switch (static_cast<Ask>(ask)) {
    case Ask::create:
      return create(link);
    case Ask::resolve: {
      const auto kind = from.number<std::uint32_t>();
      status = code_->resolve(code_->self, kind, from.str());
      break;
    }
    case Ask::start:
      status = code_->start(code_->self);
      break;
    case Ask::request: {
      const host::isolation::ReceivedRequest received(from);
      link.expect_answer(Function::good_answer, received.call);
      status = code_->handle_request(code_->self, received.call, &received.request);
      break;
    }
    case Ask::message: {
      const host::isolation::ReceivedMessage received(from);
      status = code_->handle_message(code_->self, received.call, &received.message);
      break;
    }
    case Ask::service: {
      const host::isolation::ReceivedMessage received(from);
      link.expect_answer(Function::good_reply, received.call);
      status = code_->handle_service(code_->self, received.call, &received.message);
      break;
    }
    case Ask::forget:
      if (code_->forget_tenant) code_->forget_tenant(code_->self, from.str());
      break;
    case Ask::stop:
      code_->stop(code_->self);
      code_->destroy(code_->self);
      break;
    default:
      ::_exit(3);
  }
  std::string out;
  Encoder done(out);
  done.number(status);
  // For the ledger, which believes it only within what the kernel says.
  done.number(link.time().lap().cpu_ns);
  link.done(out);
}

}  // namespace plugin_host
