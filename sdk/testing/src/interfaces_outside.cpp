// serai.http_client/1, serai.smtp/1, serai.imap/1, serai.jobs/1, serai.events/1 and
// serai.services/1 of the fake host: what leaves the plugin is recorded and answered by the test's
// script.
#include <algorithm>

#include "serai/testing/program.hpp"
#include "state.hpp"

namespace serai::testing {
namespace {

// "api.example.com:443" of a URL; empty if it is none.
std::string authority_of(const std::string& url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string::npos) return {};
  const std::size_t end = url.find_first_of("/?#", begin + 3);
  return url.substr(begin + 3, end == std::string::npos ? end : end - begin - 3);
}

// A setting's value is one host or URL, or several with commas.
bool names_host(const std::string& value, const std::string& authority, const std::string& name) {
  std::size_t begin = 0;
  while (begin <= value.size()) {
    const std::size_t comma = std::min(value.find(',', begin), value.size());
    std::string one = value.substr(begin, comma - begin);
    one.erase(0, std::min(one.find_first_not_of(' '), one.size()));
    one.erase(one.find_last_not_of(' ') + 1);
    if (const std::string in_url = authority_of(one); !in_url.empty()) one = in_url;
    if (!one.empty() && (one == authority || one == name)) return true;
    begin = comma + 1;
  }
  return false;
}

bool is_declared(CallState& state, const std::string& url) {
  const std::string authority = authority_of(url);
  const std::string name = authority.substr(0, authority.rfind(':'));
  for (const std::string& allowed : state.host->manifest.outbound()) {
    if (allowed.starts_with("setting:")) {
      const Json value = state.host->setting_value(*state.tenant, allowed.substr(8));
      if (value.is_string() && names_host(value.get<std::string>(), authority, name)) return true;
    } else if (allowed == authority || allowed == name) {
      return true;
    }
  }
  return false;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

serai_status http_fetch(serai_call call, const serai_http_request* request,
                        serai_http_response* out) noexcept {
  return answer(call, [&](CallState& state) {
    HttpRequest sent;
    sent.method = text_of(request->method);
    sent.url = text_of(request->url);
    for (std::uint32_t i = 0; i < request->header_count; ++i) {
      sent.headers.emplace_back(text_of(request->headers[i].name),
                                text_of(request->headers[i].value));
    }
    sent.body = text_of(request->body);
    sent.timeout = std::chrono::milliseconds(request->timeout_ms);
    sent.retries = request->retries;
    sent.max_body = request->max_body;
    if (!is_declared(state, sent.url)) {
      throw Failure{SERAI_E_DENIED, "host_not_allowed",
                    "The host of " + sent.url + " is not under `outbound` in plugin.yaml."};
    }
    state.host->http_requests.push_back(sent);
    HttpAnswer answered = state.host->answer_http(sent);
    if (answered.failure < 0) {
      throw Failure{answered.failure, "",
                    answered.body.empty() ? "The other side does not answer." : answered.body};
    }
    const std::uint64_t limit = request->max_body == 0 ? 8 * 1024 * 1024 : request->max_body;
    if (answered.body.size() > limit) {
      throw Failure{SERAI_E_TOO_LARGE, "too_large", "The answer is larger than wanted."};
    }
    std::vector<serai_pair>& headers = state.pairs.emplace_back();
    for (auto& [name, value] : answered.headers) {
      headers.push_back({state.keep(lower(name)), state.keep(value)});
    }
    out->status = answered.status;
    out->headers = headers.data();
    out->header_count = static_cast<std::uint32_t>(headers.size());
    out->attempts = 1;
    out->body = state.keep(std::move(answered.body));
  });
}

serai_status jobs_enqueue(serai_call call, const serai_job_spec* spec, serai_str* id) noexcept {
  return answer(call, [&](CallState& state) {
    const std::string kind = text_of(spec->kind);
    const Json* declared = state.host->manifest.find("jobs", "kind", kind);
    if (declared == nullptr) {
      throw Failure{SERAI_E_INVALID, "bad_request", "The manifest declares no job `" + kind + "`."};
    }
    const std::string key = text_of(spec->unique_key);
    for (const QueuedJob& job : state.tenant->jobs) {
      const bool open = job.state == "queued" || job.state == "running";
      if (!key.empty() && open && job.kind == kind && job.unique_key == key) {
        *id = state.keep(job.id);
        return;
      }
    }
    QueuedJob job;
    job.tenant = state.tenant->id;
    job.id = state.host->new_id();
    job.kind = kind;
    job.payload = parse_json(text_of(spec->payload), "The job's payload");
    job.unique_key = key;
    job.state = "queued";
    job.max_attempts =
        spec->max_attempts != 0 ? spec->max_attempts : declared->value("attempts", 5U);
    job.due = Timestamp{std::chrono::microseconds(
        state.host->now_us() + static_cast<std::int64_t>(spec->delay_ms) * 1000)};
    *id = state.keep(job.id);
    state.tenant->jobs.push_back(std::move(job));
  });
}

serai_status jobs_state(serai_call call, serai_str id, serai_str* out) noexcept {
  return answer(call, [&](CallState& state) {
    for (const QueuedJob& job : state.tenant->jobs) {
      if (job.id == text_of(id)) {
        *out = state.keep(job.state);
        return;
      }
    }
    throw Failure{SERAI_E_NOT_FOUND, "job_not_found", "There is no such job."};
  });
}

serai_status events_publish(serai_call call, serai_str type, serai_str payload) noexcept {
  return answer(call, [&](CallState& state) {
    const std::string name = text_of(type);
    if (state.host->manifest.find("events", "publishes", "type", name) == nullptr) {
      throw Failure{SERAI_E_DENIED, "event_not_declared",
                    "The manifest does not declare that the plugin publishes `" + name + "`."};
    }
    state.tenant->events.push_back(
        {state.tenant->id, name, parse_json(text_of(payload), "The event's payload")});
  });
}

serai_status services_call(serai_call call, serai_str service, serai_str payload,
                           serai_str* reply) noexcept {
  return answer(call, [&](CallState& state) {
    const std::string name = text_of(service);
    if (!state.host->manifest.uses_service(name)) {
      throw Failure{SERAI_E_DENIED, "service_not_declared",
                    "The manifest does not declare that the plugin uses `" + name + "`."};
    }
    const auto found = state.host->providers.find(name);
    if (found == state.host->providers.end()) {
      throw Failure{SERAI_E_UNAVAILABLE, "service_unavailable", "Nobody provides `" + name + "`."};
    }
    *reply = state.keep(dump_json(found->second(parse_json(text_of(payload), "The payload"))));
  });
}

std::int32_t services_available(serai_call call, serai_str service) noexcept {
  const CallState* state = find_call(call);
  return state != nullptr && state->host->manifest.uses_service(text_of(service)) &&
                 state->host->providers.contains(text_of(service))
             ? 1
             : 0;
}

serai_status program_run(serai_call call, const serai_program_spec* spec,
                         serai_program_result* out) noexcept {
  return answer(call, [&](CallState& state) {
    Program program;
    program.name = text_of(spec->name);
    if (!state.host->manifest.names_program(program.name)) {
      throw Failure{SERAI_E_DENIED, "program_not_declared",
                    "The program " + program.name + " is not under `programs` in plugin.yaml."};
    }
    for (std::uint32_t i = 0; i < spec->argument_count; ++i) {
      program.arguments.push_back(text_of(spec->arguments[i]));
    }
    program.input = detail::to_view(spec->input);
    if (spec->timeout_ms != 0) program.timeout = std::chrono::milliseconds(spec->timeout_ms);
    if (spec->cpu_seconds != 0) program.cpu_seconds = spec->cpu_seconds;
    if (spec->memory != 0) program.memory = spec->memory;
    if (spec->max_output != 0) program.max_output = spec->max_output;
    try {
      ProgramResult result = run_program(program);
      out->end = static_cast<std::int32_t>(result.end);
      out->status = result.status;
      out->output = state.keep(std::move(result.output));
      out->complaints = state.keep(std::move(result.complaints));
    } catch (const Problem& problem) {
      throw Failure{SERAI_E_UNAVAILABLE, problem.code, problem.detail};
    }
  });
}

serai_status smtp_submit(serai_call call, const serai_smtp_message* message,
                         serai_smtp_result* out) noexcept {
  return answer(call, [&](CallState& state) {
    SentMail mail;
    mail.tenant = state.tenant->id;
    SmtpMessage& sent = mail.message;
    sent.url = text_of(message->url);
    sent.user = text_of(message->user);
    sent.password = text_of(message->password);
    sent.sender = text_of(message->sender);
    for (std::uint32_t i = 0; i < message->recipient_count; ++i)
      sent.recipients.push_back(text_of(message->recipients[i]));
    sent.tls = static_cast<SmtpTls>(message->tls);
    sent.timeout = std::chrono::milliseconds(message->timeout_ms);
    mail.content = text_of(message->content);
    if (!sent.url.starts_with("smtp://") && !sent.url.starts_with("smtps://"))
      throw Failure{SERAI_E_INVALID, "bad_request", sent.url + " is no address of a mail server."};
    if (!is_declared(state, sent.url)) {
      throw Failure{SERAI_E_DENIED, "host_not_allowed",
                    "The host of " + sent.url + " is not under `outbound` in plugin.yaml."};
    }
    state.host->mails.push_back(mail);
    SmtpResult result{SmtpOutcome::accepted, SmtpStage::content, 250, "2.0.0 Ok"};
    try {
      if (state.host->mail_server) result = state.host->mail_server(mail);
    } catch (const Problem& problem) {
      throw Failure{SERAI_E_UNAVAILABLE, problem.code, problem.detail};
    }
    out->outcome = static_cast<std::int32_t>(result.outcome);
    out->stage = static_cast<std::uint32_t>(result.stage);
    out->code = result.code;
    out->reply = state.keep(std::move(result.reply));
  });
}

serai_status imap_fetch(serai_call call, const serai_imap_request* request,
                        serai_imap_result* out) noexcept {
  return answer(call, [&](CallState& state) {
    ImapRequest asked;
    asked.url = text_of(request->url);
    asked.user = text_of(request->user);
    asked.password = text_of(request->password);
    asked.mailbox = text_of(request->mailbox);
    asked.tls = static_cast<ImapTls>(request->tls);
    asked.uid_validity = request->uid_validity;
    asked.after_uid = request->after_uid;
    asked.max_messages = request->max_messages;
    asked.max_bytes = request->max_bytes == 0 ? 32U << 20U : request->max_bytes;
    asked.timeout = std::chrono::milliseconds(request->timeout_ms);
    if (!asked.url.starts_with("imap://") && !asked.url.starts_with("imaps://"))
      throw Failure{SERAI_E_INVALID, "bad_request", asked.url + " is no address of a mailbox."};
    if (!is_declared(state, asked.url)) {
      throw Failure{SERAI_E_DENIED, "host_not_allowed",
                    "The host of " + asked.url + " is not under `outbound` in plugin.yaml."};
    }
    Mailbox mailbox;
    try {
      if (state.host->mailbox_server) mailbox = state.host->mailbox_server(asked);
    } catch (const Problem& problem) {
      throw Failure{SERAI_E_UNAVAILABLE, problem.code, problem.detail};
    }
    const std::uint32_t after = asked.uid_validity == mailbox.uid_validity ? asked.after_uid : 0;
    out->outcome = static_cast<std::int32_t>(mailbox.outcome);
    out->uid_validity = mailbox.uid_validity;
    out->uid_next = mailbox.uid_next;
    out->up_to_uid = after;
    out->more = 0;
    std::vector<serai_imap_message>& messages = state.mailbox_messages.emplace_back();
    for (MailboxContent& one : mailbox.messages) {
      out->uid_next = std::max(out->uid_next, one.uid + 1);
      if (one.uid <= after || mailbox.outcome != ImapOutcome::read) continue;
      if (messages.size() == asked.max_messages) {
        out->more = 1;
        break;
      }
      const std::uint64_t size = one.content.size();
      if (size > asked.max_bytes) one.state = ImapState::too_large;
      if (one.state != ImapState::whole) one.content.clear();
      messages.push_back({one.uid, static_cast<std::uint32_t>(one.state), size,
                          state.keep(std::move(one.content))});
      out->up_to_uid = one.uid;
    }
    out->messages = messages.data();
    out->message_count = static_cast<std::uint32_t>(messages.size());
    out->reply = state.keep(std::move(mailbox.reply));
  });
}

serai_status links_make(serai_call call, serai_str handler, serai_str subject,
                        std::int64_t expires_us, serai_str* url) noexcept {
  return answer(call, [&](CallState& state) {
    FakeHost::Impl& host = *state.host;
    const Json* route = host.manifest.find("routes", "handler", text_of(handler));
    if (route == nullptr || route->value("access", "") != "link")
      throw Failure{SERAI_E_INVALID, "bad_request",
                    "The manifest has no route `" + text_of(handler) + "` with `access: link`."};
    if (subject.size == 0 || subject.size > 200)
      throw Failure{SERAI_E_INVALID, "subject_invalid",
                    "The subject of a link is 1 to 200 bytes long."};
    const std::string link = "link-" + std::to_string(++host.counter);
    host.links[link] = {state.tenant->id, text_of(handler), text_of(subject), expires_us};
    std::string path = route->at("path");
    path.replace(path.find("{link}"), 6, link);
    *url = state.keep("https://" + std::string(kLinkHost) + path);
  });
}

const serai_links_api kLinksTable{sizeof(serai_links_api), 0, links_make};
const serai_smtp_api kSmtpTable{sizeof(serai_smtp_api), 0, smtp_submit};
const serai_imap_api kImapTable{sizeof(serai_imap_api), 0, imap_fetch};
const serai_http_client_api kHttpTable{sizeof(serai_http_client_api), 0, http_fetch};
const serai_program_api kProgramTable{sizeof(serai_program_api), 0, program_run};
const serai_jobs_api kJobsTable{sizeof(serai_jobs_api), 0, jobs_enqueue, jobs_state};
const serai_events_api kEventsTable{sizeof(serai_events_api), 0, events_publish};
const serai_services_api kServicesTable{sizeof(serai_services_api), 0, services_call,
                                        services_available};

}  // namespace

const void* outside_table(std::string_view id, std::uint32_t* size) noexcept {
  const auto give = [size](const auto& table) -> const void* {
    *size = table.struct_size;
    return &table;
  };
  if (id == SERAI_HTTP_CLIENT_ID) return give(kHttpTable);
  if (id == SERAI_PROGRAM_ID) return give(kProgramTable);
  if (id == SERAI_LINKS_ID) return give(kLinksTable);
  if (id == SERAI_SMTP_ID) return give(kSmtpTable);
  if (id == SERAI_IMAP_ID) return give(kImapTable);
  if (id == SERAI_JOBS_ID) return give(kJobsTable);
  if (id == SERAI_EVENTS_ID) return give(kEventsTable);
  if (id == SERAI_SERVICES_ID) return give(kServicesTable);
  return nullptr;
}

}  // namespace serai::testing
