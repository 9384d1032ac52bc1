// serai.events/1: news of declared types for other plugins of the tenant.
#include <algorithm>

#include "jobs/queue.hpp"
#include "plugins/boundary.hpp"
#include "serai/abi/events.h"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxPayload = 1 << 20;

serai_status publish(serai_call call, serai_str type, serai_str payload) noexcept {
  return boundary(call, Interface::events, Need::token, "events.publish",
                  [&](CallContext& context) {
                    auto& queue = need_room(inside_of(context).rooms.queue, "job queue");
                    const auto name = view(type), text = view(payload);
                    const auto& declared = context.generation().manifest().publishes;
                    if (std::none_of(declared.begin(), declared.end(),
                                     [&](const Publication& event) { return event.type == name; }))
                      throw forbidden("event_not_declared",
                                      "The manifest does not publish " + std::string(name) + ".");
                    if (text.size() > kMaxPayload)
                      throw Problem(413, "too_large", "An event's payload is at most 1 MiB long.");
                    context.atomically([&] {
                      queue.publish(context.token(), context.host_session(), name, text);
                      context.chain().work_added = true;
                    });
                  });
}

constexpr serai_events_api kTable{sizeof(serai_events_api), 0, publish};

}  // namespace

const void* events_table() noexcept { return &kTable; }

}  // namespace host::plugins
