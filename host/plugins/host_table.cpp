// The functions of serai_host; see sdk/include/serai/abi/host.h for their meaning.
#include "plugins/host_table.hpp"

#include "plugins/boundary.hpp"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxFieldErrors = 100;
constexpr std::size_t kMaxText = 4000;

const void* get_interface(const serai_host* host, serai_str id, std::uint32_t min_size) noexcept {
  if (!host || !id.data) return nullptr;
  const auto& generation = *static_cast<const Generation*>(host->reserved);
  return find_table({id.data, id.size}, min_size, generation.granted());
}

void set_error(const serai_host*, serai_call call, serai_str code, serai_str detail) noexcept {
  boundary(call, Interface::response, Need::memory, "host.set_error", [&](CallContext& context) {
    context.fail().code = view(code).substr(0, kMaxText);
    context.fail().detail = view(detail).substr(0, kMaxText);
  });
}

void add_field_error(const serai_host*, serai_call call, serai_str pointer,
                     serai_str detail) noexcept {
  boundary(call, Interface::response, Need::memory, "host.add_field_error",
           [&](CallContext& context) {
             if (context.fail().errors.size() >= kMaxFieldErrors) return;
             context.fail().errors.push_back({std::string(view(pointer).substr(0, kMaxText)),
                                              std::string(view(detail).substr(0, kMaxText))});
           });
}

void last_error(const serai_host*, serai_call call, serai_str* code, serai_str* detail) noexcept {
  const CallContext* context = current_call(call);
  const auto text = [](const std::string& words) { return serai_str{words.data(), words.size()}; };
  if (code) *code = context ? text(context->host_code()) : serai_str{"", 0};
  if (detail) *detail = context ? text(context->host_detail()) : serai_str{"", 0};
}

std::int32_t allows(const serai_host*, serai_call call, serai_str permission) noexcept {
  bool allowed = false;
  boundary(call, Interface::response, Need::memory, "host.allows", [&](CallContext& context) {
    allowed = context.has_token() && context.token().allows(view(permission));
  });
  return allowed ? 1 : 0;
}

}  // namespace

const serai_host& plain_host_table() noexcept {
  static constexpr serai_host table{sizeof(serai_host), SERAI_ABI_MINOR, nullptr,    nullptr,
                                    set_error,          add_field_error, last_error, allows};
  return table;
}

serai_host make_host_table(Generation& generation) {
  return {sizeof(serai_host), SERAI_ABI_MINOR, &generation, get_interface,
          set_error,          add_field_error, last_error,  allows};
}

}  // namespace host::plugins
