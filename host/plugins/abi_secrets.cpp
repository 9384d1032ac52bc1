// serai.secrets/1: the plugin's secrets of the tenant, and the operator's behind them.
#include <algorithm>

#include "plugins/boundary.hpp"
#include "serai/abi/secrets.h"
#include "storage/secrets.hpp"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxSecret = 64 << 10;

storage::Secrets& secrets_of(CallContext& context) {
  // The store of secrets takes a connection of its own: give ours back, lest we wait for ourselves.
  context.release_session();
  return need_room(inside_of(context).rooms.secrets, "store of secrets");
}

// A write would wait for the connection that the call's own transaction holds.
storage::Secrets& writable_secrets(CallContext& context) {
  if (context.chain().transactions > 0)
    throw conflict("transaction_open", "Secrets are written outside of transactions.");
  return secrets_of(context);
}

std::string_view name_of(serai_str name) {
  const auto text = view(name);
  if (text.empty() || text.size() > 128 ||
      !std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == ':' || c == '-';
      }))
    throw bad_request("A secret's name is 1 to 128 letters, digits, '_', '.', ':' or '-'.");
  return text;
}

serai_status get(serai_call call, serai_str name, serai_str* value) noexcept {
  return boundary(call, Interface::secrets, Need::token, "secrets.get", [&](CallContext& context) {
    auto& out = require(value);
    const auto wanted = name_of(name);
    auto found = secrets_of(context).get(context.token(), wanted);
    const auto& inside = inside_of(context);
    const auto& manifest = context.generation().manifest();
    const Setting* setting = manifest.setting(wanted);
    if (!found && setting && setting->secret && inside.options.profile_secret)
      found = inside.options.profile_secret(manifest.id, setting->name);
    if (!found) throw not_found("There is no such secret.");
    out = context.give(*found);
  });
}

serai_status put(serai_call call, serai_str name, serai_str value) noexcept {
  return boundary(call, Interface::secrets, Need::token, "secrets.put", [&](CallContext& context) {
    const auto bytes = view(value);
    if (bytes.size() > kMaxSecret)
      throw Problem(413, "too_large", "A secret is at most 64 KiB long.");
    writable_secrets(context).put(context.token(), name_of(name), bytes);
  });
}

serai_status erase(serai_call call, serai_str name) noexcept {
  return boundary(call, Interface::secrets, Need::token, "secrets.erase",
                  [&](CallContext& context) {
                    writable_secrets(context).erase(context.token(), name_of(name));
                  });
}

constexpr serai_secrets_api kTable{sizeof(serai_secrets_api), 0, get, put, erase};

}  // namespace

const void* secrets_table() noexcept { return &kTable; }

}  // namespace host::plugins
