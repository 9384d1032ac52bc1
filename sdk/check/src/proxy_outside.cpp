// The watched serai.http_client/1, serai.smtp/1, serai.imap/1, serai.links/1, serai.jobs/1,
// serai.events/1 and serai.services/1.
#include "passage.hpp"

namespace serai::check {
namespace {

constexpr serai_status kInvalid = SERAI_E_INVALID;

serai_status http_fetch(serai_call number, const serai_http_request* request,
                        serai_http_response* out) noexcept {
  const char* function = "serai.http_client/1 fetch";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_pointer(request, function, "request") || !good_pointer(out, function, "out") ||
        !good_text(nullptr, request->method, function, "method") ||
        !good_text(&call, request->url, function, "url") ||
        !good_text(&call, request->body, function, "body") ||
        (request->header_count > 0 && !good_pointer(request->headers, function, "headers")))
      return kInvalid;
    if (request->struct_size < sizeof(serai_http_request) ||
        out->struct_size < sizeof(serai_http_response)) {
      find(Law::argument, "It calls serai.http_client/1 fetch without struct_size.");
      return kInvalid;
    }
    for (std::uint32_t i = 0; i < request->header_count; ++i)
      if (!good_text(nullptr, request->headers[i].name, function, "header's name") ||
          !good_text(&call, request->headers[i].value, function, "header's value"))
        return kInvalid;
    const serai_status status =
        fake<serai_http_client_api>(SERAI_HTTP_CLIENT_ID).fetch(number, request, out);
    if (status < 0) return status;
    const char* label = "an answer of serai.http_client/1";
    std::vector<serai_pair> headers(out->headers, out->headers + out->header_count);
    for (auto& [name, value] : headers) {
      name = call.lent.text(testing::text_of(name), label);
      value = call.lent.text(testing::text_of(value), label);
    }
    out->headers = call.lent.array(std::span<const serai_pair>(headers), label);
    out->body = call.lent.text(testing::text_of(out->body), label);
    return status;
  });
}

serai_status jobs_enqueue(serai_call number, const serai_job_spec* job, serai_str* id) noexcept {
  const char* function = "serai.jobs/1 enqueue";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_pointer(job, function, "job") || !good_pointer(id, function, "id") ||
        !good_text(nullptr, job->kind, function, "kind") ||
        !good_text(&call, job->payload, function, "payload") ||
        !good_text(&call, job->unique_key, function, "unique_key"))
      return kInvalid;
    if (job->struct_size < sizeof(serai_job_spec)) {
      find(Law::argument, "It calls serai.jobs/1 enqueue without struct_size.");
      return kInvalid;
    }
    const serai_status status = fake<serai_jobs_api>(SERAI_JOBS_ID).enqueue(number, job, id);
    if (status >= 0) *id = call.lent.text(testing::text_of(*id), "a job's id");
    return status;
  });
}

serai_status jobs_state(serai_call number, serai_str id, serai_str* state) noexcept {
  const char* function = "serai.jobs/1 state";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_text(nullptr, id, function, "id") || !good_pointer(state, function, "state"))
      return kInvalid;
    const serai_status status = fake<serai_jobs_api>(SERAI_JOBS_ID).state(number, id, state);
    if (status >= 0) *state = call.lent.text(testing::text_of(*state), "a job's state");
    return status;
  });
}

serai_status events_publish(serai_call number, serai_str type, serai_str payload) noexcept {
  const char* function = "serai.events/1 publish";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_text(nullptr, type, function, "type") ||
        !good_text(&call, payload, function, "payload"))
      return kInvalid;
    return fake<serai_events_api>(SERAI_EVENTS_ID).publish(number, type, payload);
  });
}

serai_status services_call(serai_call number, serai_str service, serai_str payload,
                           serai_str* reply) noexcept {
  const char* function = "serai.services/1 call";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) -> serai_status {
    if (!good_text(nullptr, service, function, "service") ||
        !good_text(&call, payload, function, "payload") || !good_pointer(reply, function, "reply"))
      return kInvalid;
    const std::string name = testing::text_of(service);
    if (!call.house->manifest().uses_service(name)) {
      call.last_code = "service_not_declared";
      call.last_detail = "The manifest does not declare that the plugin uses " + name + ".";
      return SERAI_E_DENIED;
    }
    const Json answer = call.house->service_reply(name, call);
    if (answer.is_discarded()) {
      call.last_code = "service_unavailable";
      call.last_detail = "Nobody provides " + name + ".";
      return SERAI_E_UNAVAILABLE;
    }
    *reply = call.lent.text(dump_json(answer), "a reply of serai.services/1");
    return SERAI_OK;
  });
}

std::int32_t services_available(serai_call number, serai_str service) noexcept {
  std::int32_t available = 0;
  pass_void(number, "serai.services/1 available", [&](CheckedCall& call) {
    if (good_text(nullptr, service, "serai.services/1 available", "service"))
      available = call.house->manifest().uses_service(testing::text_of(service)) ? 1 : 0;
  });
  return available;
}

serai_status links_make(serai_call number, serai_str handler, serai_str subject,
                        std::int64_t expires_us, serai_str* url) noexcept {
  const char* function = "serai.links/1 make";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_text(nullptr, handler, function, "handler") ||
        !good_text(&call, subject, function, "subject") || !good_pointer(url, function, "url"))
      return kInvalid;
    serai_str address{};
    const serai_status status =
        fake<serai_links_api>(SERAI_LINKS_ID).make(number, handler, subject, expires_us, &address);
    if (status >= 0)
      *url = call.lent.text(testing::text_of(address), "an address of serai.links/1");
    return status;
  });
}

serai_status smtp_submit(serai_call number, const serai_smtp_message* message,
                         serai_smtp_result* out) noexcept {
  const char* function = "serai.smtp/1 submit";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_pointer(message, function, "message") || !good_pointer(out, function, "out") ||
        !good_text(nullptr, message->url, function, "url") ||
        !good_text(nullptr, message->user, function, "user") ||
        !good_text(nullptr, message->password, function, "password") ||
        !good_text(&call, message->sender, function, "sender") ||
        !good_text(&call, message->content, function, "content") ||
        (message->recipient_count > 0 &&
         !good_pointer(message->recipients, function, "recipients")))
      return kInvalid;
    if (message->struct_size < sizeof(serai_smtp_message) ||
        out->struct_size < sizeof(serai_smtp_result)) {
      find(Law::argument, "It calls serai.smtp/1 submit without struct_size.");
      return kInvalid;
    }
    for (std::uint32_t i = 0; i < message->recipient_count; ++i)
      if (!good_text(&call, message->recipients[i], function, "recipient")) return kInvalid;
    const serai_status status = fake<serai_smtp_api>(SERAI_SMTP_ID).submit(number, message, out);
    if (status >= 0)
      out->reply = call.lent.text(testing::text_of(out->reply), "an answer of serai.smtp/1");
    return status;
  });
}

serai_status imap_fetch(serai_call number, const serai_imap_request* request,
                        serai_imap_result* out) noexcept {
  const char* function = "serai.imap/1 fetch";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_pointer(request, function, "request") || !good_pointer(out, function, "out") ||
        !good_text(nullptr, request->url, function, "url") ||
        !good_text(nullptr, request->user, function, "user") ||
        !good_text(nullptr, request->password, function, "password") ||
        !good_text(nullptr, request->mailbox, function, "mailbox"))
      return kInvalid;
    if (request->struct_size < sizeof(serai_imap_request) ||
        out->struct_size < sizeof(serai_imap_result)) {
      find(Law::argument, "It calls serai.imap/1 fetch without struct_size.");
      return kInvalid;
    }
    const serai_status status = fake<serai_imap_api>(SERAI_IMAP_ID).fetch(number, request, out);
    if (status < 0) return status;
    const char* label = "an answer of serai.imap/1";
    std::vector<serai_imap_message> messages(out->messages, out->messages + out->message_count);
    for (auto& message : messages)
      message.content = call.lent.text(testing::text_of(message.content), label);
    out->messages = call.lent.array(std::span<const serai_imap_message>(messages), label);
    out->reply = call.lent.text(testing::text_of(out->reply), label);
    return status;
  });
}

const serai_links_api kLinksTable{sizeof(serai_links_api), 0, links_make};
const serai_smtp_api kSmtpTable{sizeof(serai_smtp_api), 0, smtp_submit};
const serai_imap_api kImapTable{sizeof(serai_imap_api), 0, imap_fetch};
const serai_http_client_api kHttpTable{sizeof(serai_http_client_api), 0, http_fetch};
const serai_jobs_api kJobsTable{sizeof(serai_jobs_api), 0, jobs_enqueue, jobs_state};
const serai_events_api kEventsTable{sizeof(serai_events_api), 0, events_publish};
const serai_services_api kServicesTable{sizeof(serai_services_api), 0, services_call,
                                        services_available};

}  // namespace

const void* watched_outside(std::string_view id) noexcept {
  if (id == SERAI_HTTP_CLIENT_ID) return &kHttpTable;
  if (id == SERAI_LINKS_ID) return &kLinksTable;
  if (id == SERAI_SMTP_ID) return &kSmtpTable;
  if (id == SERAI_IMAP_ID) return &kImapTable;
  if (id == SERAI_JOBS_ID) return &kJobsTable;
  if (id == SERAI_EVENTS_ID) return &kEventsTable;
  if (id == SERAI_SERVICES_ID) return &kServicesTable;
  return nullptr;
}

}  // namespace serai::check
