// A mail on its way in, whichever way it came.
#pragma once

#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

// Stores the mail, once (blob, row, job: one transaction, which joins an open one); one that cannot
// be read is kept with the reason. `source`: form, mime ... `given`: the blob of the tenant's that
// the bytes lie in already, for the time of the call; empty: none. What whoever sent it is
// answered.
serai::Json store(const serai::Call& call, std::string_view raw, std::string_view source,
                  std::string_view given = {});

// Keeps a mail that is not to be read, or of which nothing is here (`raw` empty) but where it lies
// (`place`, which tells it from others). In the caller's transaction.
void store_refused(const serai::Call& call, std::string_view raw, std::string_view source,
                   std::string_view place, std::string_view reason);

}  // namespace inbound
