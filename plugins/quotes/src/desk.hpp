// The consultant's desk: quotes as lists and one by one, what is changed, sent and shared.
#pragma once

#include <serai/plugin.hpp>

namespace quotes {

serai::Json list_quotes(serai::Request& request);
serai::Json show_quote(serai::Request& request);
serai::Json edit_quote(serai::Request& request);
serai::Json set_status(serai::Request& request);
serai::Json send_quote(serai::Request& request);
serai::Json resend_quote(serai::Request& request);
serai::Response quote_pdf(serai::Request& request);
serai::Response share_quote(serai::Request& request);
serai::Json followed_up(serai::Request& request);
serai::Json quote_versions(serai::Request& request);
serai::Json quote_history(serai::Request& request);

}  // namespace quotes
