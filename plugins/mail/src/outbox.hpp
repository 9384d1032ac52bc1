// From asking to handing over: the row and the job commit together, and together with what the
// asking plugin writes; the job tries until a server has taken the mail or it is hopeless.
#pragma once

#include <serai/plugin.hpp>

namespace mail {

// The document of mail.send/1 -> {message_id, status}. Problem 409 idempotency_conflict: the key
// was used for another mail; 429 daily_limit.
serai::Json enqueue(const serai::Call& call, const serai::Json& document);

void deliver(serai::Job& job);
serai::Response resend(serai::Request& request);

// {transport, configured, sent_today, daily_limit}
serai::Json outbox_status(const serai::Call& call);

}  // namespace mail
