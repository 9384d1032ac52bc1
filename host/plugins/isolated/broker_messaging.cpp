// response, log, config, jobs, events, services, secrets, metrics and serai_host.
#include "isolation/call_codec.hpp"
#include "plugins/call_context.hpp"
#include "plugins/host_table.hpp"
#include "plugins/interface.hpp"
#include "plugins/isolated/broker.hpp"
#include "serai/abi/all.h"

namespace host::plugins {
namespace {

using isolation::Function;

template <class Table>
const Table& table(const void* (*get)() noexcept) {
  return *static_cast<const Table*>(get());
}

// A function that takes one text and lends one.
template <class Call>
serai_status text_for_text(const BrokeredCall& b, Call&& function) {
  const serai_str in = b.from.str();
  serai_str out{"", 0};
  const serai_status status = function(in, b.no_result ? nullptr : &out);
  if (status >= 0) b.to.text(out);
  return status;
}

serai_status respond(const BrokeredCall& b, bool blob) {
  const auto& api = table<serai_response_api>(response_table);
  const auto http_status = b.from.number<std::int32_t>();
  const auto headers = isolation::decode_pairs(b.from);
  const auto body = b.from.str();
  return (blob ? api.respond_blob : api.respond)(b.call, http_status, headers.data(),
                                                 headers.claimed, body);
}

serai_status enqueue(const BrokeredCall& b) {
  serai_job_spec job{};
  const bool given = b.from.number<std::uint8_t>() != 0;
  if (given) {
    job.struct_size = b.from.number<std::uint32_t>();
    job.max_attempts = b.from.number<std::uint32_t>();
    job.kind = b.from.str();
    job.payload = b.from.str();
    job.unique_key = b.from.str();
    job.delay_ms = b.from.number<std::uint64_t>();
  }
  serai_str id{"", 0};
  const auto status = table<serai_jobs_api>(jobs_table)
                          .enqueue(b.call, given ? &job : nullptr, b.no_result ? nullptr : &id);
  if (status >= 0) b.to.text(id);
  return status;
}

serai_status metric(const BrokeredCall& b) {
  const auto& api = table<serai_metrics_api>(metrics_table);
  const auto name = b.from.str();
  if (b.function == Function::metrics_meter)
    return api.meter(b.call, name, b.from.number<std::int64_t>());
  const auto value = b.from.number<double>();
  if (b.function == Function::metrics_add) return api.add(b.call, name, value);
  if (b.function == Function::metrics_set) return api.set(b.call, name, value);
  return api.observe(b.call, name, value);
}

// Two texts, one function.
template <class Call>
serai_status two_texts(const BrokeredCall& b, Call function) {
  const serai_str first = b.from.str();
  return function(b.call, first, b.from.str());
}

}  // namespace

bool broker_messaging(const BrokeredCall& b, serai_status& status) {
  const auto& config = table<serai_config_api>(config_table);
  const auto& secrets = table<serai_secrets_api>(secrets_table);
  const auto& jobs = table<serai_jobs_api>(jobs_table);
  const auto& services = table<serai_services_api>(services_table);
  switch (b.function) {
    case Function::set_error:
    case Function::add_field_error: {
      const auto first = b.from.str();
      const auto& host = plain_host_table();
      (b.function == Function::set_error ? host.set_error : host.add_field_error)(
          nullptr, b.call, first, b.from.str());
      return true;
    }
    case Function::log_write: {
      const auto level = b.from.number<std::uint32_t>();
      const auto message = b.from.str();
      table<serai_log_api>(log_table).write(b.call, level, message, b.from.str());
      return true;
    }
    case Function::allows:
      b.to.number(plain_host_table().allows(nullptr, b.call, b.from.str()));
      return true;
    case Function::respond:
      status = respond(b, false);
      return true;
    case Function::respond_blob:
      status = respond(b, true);
      return true;
    case Function::good_answer:
      if (respond(b, false) != SERAI_OK) throw isolation::BadMessage("an answer that is not good");
      return true;
    case Function::good_reply:
      if (table<serai_response_api>(response_table).reply(b.call, b.from.str()) != SERAI_OK)
        throw isolation::BadMessage("a reply that is not good");
      return true;
    case Function::reply:
      status = table<serai_response_api>(response_table).reply(b.call, b.from.str());
      return true;
    case Function::config_get:
      status = text_for_text(
          b, [&](serai_str name, serai_str* out) { return config.get(b.call, name, out); });
      return true;
    case Function::config_all:
      status = text_for_text(b, [&](serai_str, serai_str* out) { return config.all(b.call, out); });
      return true;
    case Function::config_set:
      status = two_texts(b, config.set);
      return true;
    case Function::jobs_enqueue:
      status = enqueue(b);
      return true;
    case Function::jobs_state:
      status = text_for_text(
          b, [&](serai_str id, serai_str* out) { return jobs.state(b.call, id, out); });
      return true;
    case Function::events_publish:
      status = two_texts(b, table<serai_events_api>(events_table).publish);
      return true;
    case Function::services_call: {
      const auto service = b.from.str();
      status = text_for_text(b, [&](serai_str payload, serai_str* out) {
        return services.call(b.call, service, payload, out);
      });
      return true;
    }
    case Function::services_available:
      b.to.number(services.available(b.call, b.from.str()));
      return true;
    case Function::secrets_get:
      status = text_for_text(
          b, [&](serai_str name, serai_str* out) { return secrets.get(b.call, name, out); });
      return true;
    case Function::secrets_put:
      status = two_texts(b, secrets.put);
      return true;
    case Function::secrets_erase:
      status = secrets.erase(b.call, b.from.str());
      return true;
    case Function::metrics_add:
    case Function::metrics_set:
    case Function::metrics_observe:
    case Function::metrics_meter:
      status = metric(b);
      return true;
    default:
      return false;
  }
}

}  // namespace host::plugins
