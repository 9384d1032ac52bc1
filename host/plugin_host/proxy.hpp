// How each proxied function is written: which function, what goes in, what comes out.
#pragma once

#include "plugin_host/host_link.hpp"

namespace plugin_host {

// Status of the host, or STALE on a thread that serves no call. `no_result`: the plugin gave no
// place for one, which the host refuses where it must.
template <class Write, class Read>
serai_status ask(Function function, serai_call call, bool no_result, Write&& write, Read&& read) {
  HostLink* link = HostLink::current();
  if (!link) return SERAI_E_STALE;
  Encoder arguments = link->begin(function, call, no_result);
  write(arguments);
  const serai_status status = link->ask();
  if (status >= 0 && !no_result) read(link->answer());
  return status;
}
template <class Write>
serai_status ask(Function function, serai_call call, Write&& write) {
  return ask(function, call, false, std::forward<Write>(write), [](Decoder&) {});
}

template <class Write>
void post(Function function, serai_call call, Write&& write) {
  HostLink* link = HostLink::current();
  if (!link) return;
  Encoder arguments = link->begin(function, call);
  write(arguments);
  link->post();
}

// A text in, a text out that lives as long as the call.
inline serai_status ask_text(Function function, serai_call call, serai_str in, serai_str* out) {
  return ask(
      function, call, out == nullptr, [&](Encoder& e) { e.text(in); },
      [&](Decoder& d) { *out = HostLink::current()->lend(d.text()); });
}

}  // namespace plugin_host
