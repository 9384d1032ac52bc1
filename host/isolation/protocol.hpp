// The words between the host and a plugin's process. The host speaks first on a lane (an Ask); the
// child may then call the host (Function) any number of times, each answered by `kReturn` unless it
// is one of the posted ones, and ends the ask with `kDone`. Both ends are one build: there is no
// version to negotiate, only a child not to trust.
#pragma once

#include <cstddef>
#include <cstdint>

namespace host::isolation {

// Descriptors of the child when it starts; 0 is empty, 1 and 2 lead to the host's log.
enum : int { kControl = 3, kMemory = 4, kLibrary = 5 };

enum class Ask : std::uint32_t {  // host to child
  create = 1,
  resolve,
  start,
  request,
  message,
  service,
  forget,
  stop,
};

// Of each of the child's threads, one for each lane; as in the host, so that deep recursion ends
// alike.
constexpr std::size_t kStackBytes = 8 << 20;

constexpr std::uint32_t kReturn = 100;  // host to child: a host function's outcome
constexpr std::uint32_t kDone = 101;    // child to host: the ask's outcome

enum class Function : std::uint32_t {  // child to host
  set_error = 200,                     // posted: no answer comes
  add_field_error,                     // posted
  log_write,                           // posted
  sql_release,                         // posted
  blob_close,                          // posted
  good_answer,                         // posted; respond, where the child knows that it may
  good_reply,                          // posted; reply, likewise
  allows,
  respond,
  respond_blob,
  reply,
  config_get,
  config_all,
  config_set,
  sql_query,
  sql_execute,
  sql_execute_many,
  sql_begin,
  sql_commit,
  sql_rollback,
  kv_get,
  kv_put,
  kv_erase,
  kv_add,
  blob_create,
  blob_write,
  blob_commit,
  blob_open,
  blob_read,
  blob_keep,
  blob_remove,
  vector_upsert,
  vector_remove,
  vector_drop,
  vector_search,
  vector_count,
  http_fetch,
  jobs_enqueue,
  jobs_state,
  events_publish,
  services_call,
  services_available,
  secrets_get,
  secrets_put,
  secrets_erase,
  metrics_add,
  metrics_set,
  metrics_observe,
  metrics_meter,
  program_run,
  links_make,
  smtp_submit,
  imap_fetch,
};

constexpr bool posted(Function function) { return function < Function::allows; }

}  // namespace host::isolation
