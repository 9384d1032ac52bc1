// One plugin tried out without the others and without the outside (`serai plugin check`): what it
// asks of them is answered by functions, through the same checks as ever. Not for a serving host.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "plugins/outbound.hpp"
#include "plugins/registry.hpp"

namespace host::plugins {

struct StandIns {
  // Of every service that no loaded plugin provides. May throw Problem. Never null.
  std::function<std::string(std::string_view service, std::string_view payload)> service;
  // Of every host the plugin may reach. May throw Problem. Never null.
  std::function<OutboundReply(const OutboundRequest&)> outside;
  // Of every mail server it may reach. May throw Problem. Never null.
  std::function<SubmissionReply(const Submission&)> mail;
  // Of every mailbox it may read. May throw Problem. Never null.
  std::function<MailboxAnswer(const MailboxQuery&)> mailbox;
};

// Before the first plugin is loaded. [admin]
void put_in_place(Registry& registry, StandIns stand_ins);

}  // namespace host::plugins
