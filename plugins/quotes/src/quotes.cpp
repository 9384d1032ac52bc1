// The plugin: which word of the manifest is which function.
#include <serai/plugin.hpp>

#include "desk.hpp"
#include "generate.hpp"
#include "shared.hpp"
#include "sweep.hpp"

namespace {

class Quotes : public serai::Plugin {
 public:
  Quotes() {
    route("generate", quotes::generate);
    route("create_with_items", quotes::create_with_items);
    route("list", quotes::list_quotes);
    route("show", quotes::show_quote);
    route("edit", quotes::edit_quote);
    route("set_status", quotes::set_status);
    route("send", quotes::send_quote);
    route("resend", quotes::resend_quote);
    route("pdf", quotes::quote_pdf);
    route("share", quotes::share_quote);
    route("followed_up", quotes::followed_up);
    route("versions", quotes::quote_versions);
    route("history", quotes::quote_history);
    route("shared", quotes::shared);
    route("public_pdf", quotes::public_pdf);
    route("answer", quotes::answer);
    job("sweep", quotes::sweep);
    service("request", quotes::request_service);
  }
};

}  // namespace

SERAI_PLUGIN(Quotes)
