// serai.links/1: addresses that need no login.
#include <algorithm>

#include "plugins/boundary.hpp"
#include "serai/abi/links.h"
#include "tenancy/links.hpp"

namespace host::plugins {
namespace {

constexpr std::string_view kPlace = "{link}";

serai_status make(serai_call call, serai_str handler, serai_str subject, std::int64_t expires_us,
                  serai_str* url) noexcept {
  return boundary(call, Interface::links, Need::token, "links.make", [&](CallContext& context) {
    auto& out = require(url);
    const auto& links = need_room(inside_of(context).rooms.links, "key for links");
    const auto& routes = context.generation().manifest().routes;
    const auto route = std::find_if(routes.begin(), routes.end(), [&](const PluginRoute& one) {
      return one.link && one.handler == view(handler);
    });
    if (route == routes.end())
      throw bad_request("The manifest has no route " + std::string(view(handler)) +
                        " with `access: link`.");
    std::optional<Timestamp> until;
    if (expires_us != 0) until = Timestamp(std::chrono::microseconds(expires_us));
    std::string path = route->pattern;
    path.replace(path.find(kPlace), kPlace.size(),
                 links.sign(context.token(), route->handler, view(subject), until));
    out = context.give(links.url() + path);
  });
}

constexpr serai_links_api kTable{sizeof(serai_links_api), 0, make};

}  // namespace

const void* links_table() noexcept { return &kTable; }

}  // namespace host::plugins
