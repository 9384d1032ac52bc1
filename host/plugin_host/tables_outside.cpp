// http_client, program, smtp, imap and links: what concerns the world outside of the host.
#include "isolation/call_codec.hpp"
#include "plugin_host/proxy.hpp"
#include "plugin_host/tables.hpp"
#include "serai/abi/all.h"

namespace plugin_host {
namespace {

serai_status fetch(serai_call call, const serai_http_request* request,
                   serai_http_response* out) noexcept {
  return ask(
      Function::http_fetch, call, out == nullptr,
      [&](Encoder& e) {
        e.number(static_cast<std::uint8_t>(request != nullptr));
        e.number(out ? out->struct_size : 0u);
        if (!request) return;
        e.number(request->struct_size);
        e.number(request->timeout_ms);
        e.text(request->method);
        e.text(request->url);
        host::isolation::encode_pairs(e, request->headers, request->header_count);
        e.number(request->retries);
        e.text(request->body);
        e.number(request->max_body);
      },
      [&](Decoder& d) {
        HostLink& link = *HostLink::current();
        out->status = d.number<std::int32_t>();
        out->attempts = d.number<std::uint32_t>();
        const auto headers = host::isolation::decode_pairs(d).list;
        auto* lent = static_cast<serai_pair*>(link.lend(headers.size() * sizeof(serai_pair) + 1));
        for (std::size_t i = 0; i < headers.size(); ++i) {
          const auto& [name, value] = headers[i];
          lent[i] = {link.lend(std::string_view(name.data, name.size)),
                     link.lend(std::string_view(value.data, value.size))};
        }
        out->headers = lent;
        out->header_count = static_cast<std::uint32_t>(headers.size());
        out->body = link.lend(d.text());
      });
}
constexpr serai_http_client_api kHttpClient{sizeof(serai_http_client_api), 0, fetch};

serai_status run(serai_call call, const serai_program_spec* spec,
                 serai_program_result* out) noexcept {
  return ask(
      Function::program_run, call, out == nullptr,
      [&](Encoder& e) {
        e.number(static_cast<std::uint8_t>(spec != nullptr));
        e.number(out ? out->struct_size : 0u);
        if (!spec) return;
        e.number(spec->struct_size);
        e.number(spec->timeout_ms);
        e.text(spec->name);
        e.number(spec->argument_count);
        e.number(static_cast<std::uint8_t>(spec->arguments != nullptr));
        if (spec->arguments)
          for (std::uint32_t i = 0; i < spec->argument_count; ++i) e.text(spec->arguments[i]);
        e.number(spec->cpu_seconds);
        e.text(spec->input);
        e.number(spec->memory);
        e.number(spec->max_output);
      },
      [&](Decoder& d) {
        HostLink& link = *HostLink::current();
        out->end = d.number<std::int32_t>();
        out->status = d.number<std::int32_t>();
        out->output = link.lend(d.text());
        out->complaints = link.lend(d.text());
      });
}
constexpr serai_program_api kProgram{sizeof(serai_program_api), 0, run};

serai_status submit(serai_call call, const serai_smtp_message* message,
                    serai_smtp_result* out) noexcept {
  return ask(
      Function::smtp_submit, call, out == nullptr,
      [&](Encoder& e) {
        e.number(static_cast<std::uint8_t>(message != nullptr));
        e.number(out ? out->struct_size : 0u);
        if (!message) return;
        e.number(message->struct_size);
        e.number(message->timeout_ms);
        e.text(message->url);
        e.text(message->user);
        e.text(message->password);
        e.text(message->sender);
        e.number(message->recipient_count);
        e.number(static_cast<std::uint8_t>(message->recipients != nullptr));
        if (message->recipients)
          for (std::uint32_t i = 0; i < message->recipient_count; ++i)
            e.text(message->recipients[i]);
        e.number(message->tls);
        e.text(message->content);
      },
      [&](Decoder& d) {
        out->outcome = d.number<std::int32_t>();
        out->code = d.number<std::int32_t>();
        out->stage = d.number<std::uint32_t>();
        out->reply = HostLink::current()->lend(d.text());
      });
}
constexpr serai_smtp_api kSmtp{sizeof(serai_smtp_api), 0, submit};

serai_status read_mailbox(serai_call call, const serai_imap_request* request,
                          serai_imap_result* out) noexcept {
  return ask(
      Function::imap_fetch, call, out == nullptr,
      [&](Encoder& e) {
        e.number(static_cast<std::uint8_t>(request != nullptr));
        e.number(out ? out->struct_size : 0u);
        if (!request) return;
        e.number(request->struct_size);
        e.number(request->timeout_ms);
        e.text(request->url);
        e.text(request->user);
        e.text(request->password);
        e.text(request->mailbox);
        e.number(request->tls);
        e.number(request->uid_validity);
        e.number(request->after_uid);
        e.number(request->max_messages);
        e.number(request->max_bytes);
      },
      [&](Decoder& d) {
        HostLink& link = *HostLink::current();
        out->outcome = d.number<std::int32_t>();
        out->uid_validity = d.number<std::uint32_t>();
        out->uid_next = d.number<std::uint32_t>();
        out->up_to_uid = d.number<std::uint32_t>();
        out->more = d.number<std::uint32_t>();
        out->message_count = d.number<std::uint32_t>();
        auto* lent = static_cast<serai_imap_message*>(
            link.lend(out->message_count * sizeof(serai_imap_message) + 1));
        for (std::uint32_t i = 0; i < out->message_count; ++i) {
          lent[i].uid = d.number<std::uint32_t>();
          lent[i].state = d.number<std::uint32_t>();
          lent[i].size = d.number<std::uint64_t>();
          lent[i].content = link.lend(d.text());
        }
        out->messages = lent;
        out->reply = link.lend(d.text());
      });
}
constexpr serai_imap_api kImap{sizeof(serai_imap_api), 0, read_mailbox};

serai_status make_link(serai_call call, serai_str handler, serai_str subject,
                       std::int64_t expires_us, serai_str* url) noexcept {
  return ask(
      Function::links_make, call, url == nullptr,
      [&](Encoder& e) {
        e.text(handler);
        e.text(subject);
        e.number(expires_us);
      },
      [&](Decoder& d) { *url = HostLink::current()->lend(d.text()); });
}
constexpr serai_links_api kLinks{sizeof(serai_links_api), 0, make_link};

}  // namespace

const void* outside_table(std::string_view name) noexcept {
  if (name == "http_client") return &kHttpClient;
  if (name == "program") return &kProgram;
  if (name == "links") return &kLinks;
  if (name == "smtp") return &kSmtp;
  if (name == "imap") return &kImap;
  return nullptr;
}

}  // namespace plugin_host
