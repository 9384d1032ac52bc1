/* A plugin in plain C whose handlers run a small script from the body, one command a line, so that
 * a test can make it do right and wrong with every host function. Not an example of good style: it
 * trusts its input. Built several times with different manifests; see CMakeLists.txt here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serai/abi/all.h"
#include "serai/create.h"

#ifndef PROBE_VERSION
#define PROBE_VERSION "1"
#endif
#ifndef PROBE_OTHER
#define PROBE_OTHER "beta.run/1"
#endif

static const serai_host* host;
static const serai_response_api* response;
static const serai_log_api* log_api;
static const serai_sql_api* sql;
static const serai_kv_api* kv;
static const serai_blob_api* blob;
static const serai_config_api* config;
static const serai_secrets_api* secrets;
static const serai_services_api* services;
static const serai_events_api* events;
static const serai_jobs_api* jobs;
static const serai_metrics_api* metrics;
static const serai_http_client_api* http_client;
static const serai_smtp_api* smtp;
static const serai_imap_api* imap;
static const serai_links_api* links;

enum { HANDLER_NOOP = 1, HANDLER_RUN = 2, HANDLER_SILENT = 3, HANDLER_ECHO = 4 };

static serai_str text(const char* words) { return (serai_str){words, strlen(words)}; }

/* One script at work. */
struct script {
  serai_call call; /* used for host functions; "as" changes it */
  serai_call own;
  char* out;
  size_t size, capacity;
};

static void say(struct script* s, long long status, const char* words, size_t size) {
  if (s->size + size + 64 > s->capacity) {
    s->capacity = (s->capacity + size + 64) * 2;
    s->out = realloc(s->out, s->capacity);
  }
  s->size += (size_t)sprintf(s->out + s->size, "%s%lld", s->size ? "\n" : "", status);
  if (size) {
    s->out[s->size++] = ' ';
    memcpy(s->out + s->size, words, size);
    s->size += size;
  }
}

static void say_str(struct script* s, serai_status status, serai_str words) {
  say(s, status, words.data, status == 0 ? words.size : 0);
}

static void run_sql(struct script* s, serai_str statement) {
  serai_rows rows;
  memset(&rows, 0, sizeof rows);
  const serai_status status = sql->query(s->call, statement, NULL, 0, 0, &rows);
  char words[300] = "";
  if (status == 0) {
    int at = snprintf(words, sizeof words, "%llu rows", (unsigned long long)rows.row_count);
    if (rows.row_count && rows.column_count) {
      const serai_value* cell = rows.cells;
      if (cell->type == SERAI_INTEGER)
        (void)snprintf(words + at, sizeof words - (size_t)at, " %lld", (long long)cell->as.integer);
      if (cell->type == SERAI_TEXT)
        (void)snprintf(words + at, sizeof words - (size_t)at, " %.*s", (int)cell->as.bytes.size,
                       cell->as.bytes.data);
    }
    sql->release(s->call, rows.handle);
  }
  say(s, status, words, strlen(words));
}

static void run_many(struct script* s, serai_str statement) {
  serai_value values[3];
  memset(values, 0, sizeof values);
  for (int i = 0; i < 3; ++i) {
    values[i].type = SERAI_TEXT;
    values[i].as.bytes = text(i == 0 ? "m1" : i == 1 ? "m2" : "m1");
  }
  int64_t changed = 0;
  /* three rows, the last a duplicate of the first */
  const serai_status status = sql->execute_many(s->call, statement, values, 1, 3, &changed);
  say(s, status, NULL, 0);
}

static void run_blob(struct script* s, const char* verb, serai_str rest) {
  serai_handle handle = 0;
  serai_str reference = {0};
  uint64_t size = 0;
  if (!strcmp(verb, "blob.write")) {
    serai_status status = blob->create(s->call, &handle);
    if (status == 0) status = blob->write(s->call, handle, rest);
    if (status == 0) status = blob->commit(s->call, handle, &reference);
    say_str(s, status, reference);
  } else if (!strcmp(verb, "blob.read")) {
    serai_str piece = {0};
    serai_status status = blob->open(s->call, rest, &handle, &size);
    if (status == 0) status = blob->read(s->call, handle, 0, size, &piece);
    say_str(s, status, piece);
    if (status == 0) blob->close(s->call, handle);
  } else if (!strcmp(verb, "blob.handle")) {
    const serai_status status = blob->open(s->call, rest, &handle, &size);
    char words[32];
    (void)snprintf(words, sizeof words, "%llu", (unsigned long long)handle);
    say(s, status, words, strlen(words));
  } else if (!strcmp(verb, "blob.use")) {
    serai_str piece = {0};
    say_str(s, blob->read(s->call, strtoull(rest.data, NULL, 10), 0, 10, &piece), piece);
  } else if (!strcmp(verb, "blob.keep")) {
    say(s, blob->keep(s->call, rest), NULL, 0);
  } else {
    say(s, blob->remove(s->call, rest), NULL, 0);
  }
}

static void run_fetch(struct script* s, serai_str url, unsigned retries, const char* method,
                      unsigned timeout, uint64_t max_body) {
  serai_http_request request;
  memset(&request, 0, sizeof request);
  request.struct_size = sizeof request;
  request.method = text(method);
  request.url = url;
  request.retries = retries;
  request.timeout_ms = timeout;
  request.max_body = max_body;
  serai_http_response answer;
  memset(&answer, 0, sizeof answer);
  answer.struct_size = sizeof answer;
  const serai_status status = http_client->fetch(s->call, &request, &answer);
  char words[400];
  (void)snprintf(words, sizeof words, "%d after %u: %.*s", answer.status, answer.attempts,
                 (int)(answer.body.size < 300 ? answer.body.size : 300),
                 answer.body.data ? answer.body.data : "");
  say(s, status, words, status == 0 ? strlen(words) : 0);
}

static void run_submit(struct script* s, serai_str url, serai_str recipient, serai_str user,
                       serai_str password) {
  serai_smtp_message message;
  memset(&message, 0, sizeof message);
  message.struct_size = sizeof message;
  message.url = url;
  message.user = user;
  message.password = password;
  message.sender = text("probe@example.com");
  message.recipients = &recipient;
  message.recipient_count = 1;
  message.content = text("Subject: Probe\r\n\r\nHello\r\n");
  serai_smtp_result result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  const serai_status status = smtp->submit(s->call, &message, &result);
  char words[400];
  (void)snprintf(words, sizeof words, "%d at %u: %d %.*s", result.outcome, result.stage,
                 result.code, (int)(result.reply.size < 300 ? result.reply.size : 300),
                 result.reply.data ? result.reply.data : "");
  say(s, status, words, status == 0 ? strlen(words) : 0);
}

static void run_read_mail(struct script* s, serai_str url, serai_str mailbox, uint32_t after,
                          uint64_t max_bytes, serai_str user, serai_str password) {
  serai_imap_request request;
  memset(&request, 0, sizeof request);
  request.struct_size = sizeof request;
  request.url = url;
  request.user = user;
  request.password = password;
  request.mailbox = mailbox;
  request.uid_validity = 7; /* of nobody: all over again */
  request.after_uid = after;
  request.max_messages = 2;
  request.max_bytes = max_bytes;
  serai_imap_result result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  const serai_status status = imap->fetch(s->call, &request, &result);
  char words[400];
  int used = snprintf(words, sizeof words, "%d next %u to %u more %u:", result.outcome,
                      result.uid_next, result.up_to_uid, result.more);
  for (uint32_t i = 0; i < result.message_count && used < 200; ++i) {
    const serai_imap_message* one = &result.messages[i];
    used += snprintf(words + used, sizeof words - (size_t)used, " %u/%u/%llu=%.*s", one->uid,
                     one->state, (unsigned long long)one->size,
                     (int)(one->content.size < 40 ? one->content.size : 40),
                     one->content.data ? one->content.data : "");
  }
  (void)snprintf(words + used, sizeof words - (size_t)used, " %.*s",
                 (int)(result.reply.size < 100 ? result.reply.size : 100),
                 result.reply.data ? result.reply.data : "");
  say(s, status, words, status == 0 ? strlen(words) : 0);
}

/* Cuts the first word off `rest`. */
static serai_str word(serai_str* rest) {
  const char* space = memchr(rest->data, ' ', rest->size);
  const size_t size = space ? (size_t)(space - rest->data) : rest->size;
  const serai_str first = {rest->data, size};
  rest->data += size + (space ? 1 : 0);
  rest->size -= size + (space ? 1 : 0);
  return first;
}

static long long number(serai_str digits) {
  char copy[32] = "";
  memcpy(copy, digits.data, digits.size < 31 ? digits.size : 31);
  return (long long)strtoull(copy, NULL, 10);
}

/* Tells the test that it is inside and waits until it may go on. The test gives the address of two
 * ints: [0] it sets, [1] we set. */
static void wait_for(serai_str address) {
  int* flags = (int*)(uintptr_t)number(address);
  __atomic_store_n(&flags[1], 1, __ATOMIC_SEQ_CST);
  while (!__atomic_load_n(&flags[0], __ATOMIC_SEQ_CST)) {
  }
}

static serai_status run_line(struct script* s, serai_str line) {
  serai_str rest = line, value = {0};
  const serai_str first = word(&rest);
  char verb[32] = "";
  memcpy(verb, first.data, first.size < 31 ? first.size : 31);
#define IS(name) (!strcmp(verb, name))
  if (IS("q")) {
    run_sql(s, rest);
  } else if (IS("x")) {
    say(s, sql->execute(s->call, rest, NULL, 0, NULL), NULL, 0);
  } else if (IS("many")) {
    run_many(s, rest);
  } else if (IS("begin")) {
    say(s, sql->begin(s->call), NULL, 0);
  } else if (IS("commit")) {
    say(s, sql->commit(s->call), NULL, 0);
  } else if (IS("rollback")) {
    say(s, sql->rollback(s->call), NULL, 0);
  } else if (!strncmp(verb, "blob.", 5)) {
    run_blob(s, verb, rest);
  } else if (IS("kv.get")) {
    const serai_status status = kv->get(s->call, rest, &value);
    say_str(s, status, value);
  } else if (IS("kv.put")) {
    const serai_str key = word(&rest);
    say(s, kv->put(s->call, key, rest, 0), NULL, 0);
  } else if (IS("config.get")) {
    const serai_status status = config->get(s->call, rest, &value);
    say_str(s, status, value);
  } else if (IS("config.all")) {
    const serai_status status = config->all(s->call, &value);
    say_str(s, status, value);
  } else if (IS("config.set")) {
    const serai_str name = word(&rest);
    say(s, config->set(s->call, name, rest), NULL, 0);
  } else if (IS("secret.get")) {
    const serai_status status = secrets->get(s->call, rest, &value);
    say_str(s, status, value);
  } else if (IS("call")) {
    const serai_str name = word(&rest);
    char* script = malloc(rest.size + 1); /* '|' stands for a line break */
    for (size_t i = 0; i < rest.size; ++i) script[i] = rest.data[i] == '|' ? '\n' : rest.data[i];
    const serai_status status =
        services->call(s->call, name, (serai_str){script, rest.size}, &value);
    say_str(s, status, value);
    free(script);
  } else if (IS("nest")) { /* each plugin calls the other, until the host refuses */
    const serai_status status = services->call(s->call, text(PROBE_OTHER), text("nest"), &value);
    say_str(s, status, value);
  } else if (IS("available")) {
    say(s, services->available(s->call, rest), NULL, 0);
  } else if (IS("publish")) {
    const serai_str type = word(&rest);
    say(s, events->publish(s->call, type, rest), NULL, 0);
  } else if (IS("job")) {
    serai_job_spec job;
    memset(&job, 0, sizeof job);
    job.struct_size = sizeof job;
    job.kind = word(&rest);
    job.payload = rest;
    const serai_status status = jobs->enqueue(s->call, &job, &value);
    say_str(s, status, value);
  } else if (IS("metric")) {
    say(s, metrics->add(s->call, rest, 2), NULL, 0);
  } else if (IS("meter")) {
    say(s, metrics->meter(s->call, rest, 7), NULL, 0);
  } else if (IS("log")) {
    log_api->write(s->call, SERAI_LOG_ERROR, rest, text("{\"tenant\":\"forged\"}"));
    say(s, 0, NULL, 0);
  } else if (IS("fetch")) { /* fetch METHOD retries timeout_ms max_body url */
    char method[16] = "";
    const serai_str name = word(&rest);
    memcpy(method, name.data, name.size < 15 ? name.size : 15);
    const unsigned retries = (unsigned)number(word(&rest));
    const unsigned timeout = (unsigned)number(word(&rest));
    const uint64_t limit = (uint64_t)number(word(&rest));
    run_fetch(s, rest, retries, method, timeout, limit);
  } else if (IS("submit")) { /* submit url recipient [user password] */
    const serai_str url = word(&rest), recipient = word(&rest), user = word(&rest);
    run_submit(s, url, recipient, user, rest);
  } else if (IS("read_mail")) { /* read_mail url mailbox after_uid max_bytes user password */
    const serai_str url = word(&rest), mailbox = word(&rest), after = word(&rest);
    const serai_str most = word(&rest), user = word(&rest);
    run_read_mail(s, url, mailbox, (uint32_t)number(after), number(most), user, rest);
  } else if (IS("link")) { /* link handler expires_us subject */
    const serai_str handler = word(&rest);
    const int64_t expires_us = (int64_t)number(word(&rest));
    const serai_status status = links->make(s->call, handler, rest, expires_us, &value);
    say_str(s, status, value);
  } else if (IS("handle")) {
    char words[32];
    (void)snprintf(words, sizeof words, "%llu", (unsigned long long)s->own);
    say(s, 0, words, strlen(words));
  } else if (IS("as")) {
    s->call = rest.size ? (serai_call)number(rest) : s->own;
  } else if (IS("burn")) { /* so many turns of a loop that cannot be left out */
    volatile uint64_t turns = (uint64_t)number(rest);
    while (turns) --turns;
    say(s, 0, NULL, 0);
  } else if (IS("wait")) {
    wait_for(rest);
  } else if (IS("error")) {
    serai_str code, detail;
    host->last_error(host, s->own, &code, &detail);
    say(s, 0, code.data, code.size);
  } else if (IS("allows")) {
    say(s, host->allows(host, s->call, rest), NULL, 0);
  } else if (IS("interface")) {
    say(s, host->get_interface(host, rest, 8) != NULL, NULL, 0);
  } else if (IS("version")) {
    say(s, 0, PROBE_VERSION, strlen(PROBE_VERSION));
  } else if (IS("fail")) { /* fail status code detail */
    const serai_status status = -(serai_status)number(word(&rest));
    if (rest.size) {
      const serai_str code = word(&rest);
      host->set_error(host, s->own, code, rest);
      host->add_field_error(host, s->own, text("/name"), text("is wrong"));
    }
    return status;
  } else {
    say(s, -99, verb, strlen(verb));
  }
  return 0;
}

static serai_status run(struct script* s, serai_str body) {
  const char* at = body.data;
  const char* end = body.data + body.size;
  while (at < end) {
    const char* line_end = memchr(at, '\n', (size_t)(end - at));
    if (!line_end) line_end = end;
    const serai_status status = run_line(s, (serai_str){at, (uint64_t)(line_end - at)});
    if (status) return status;
    at = line_end + 1;
  }
  return 0;
}

static int32_t resolve(void* self, uint32_t kind, serai_str name) SERAI_NOEXCEPT {
  (void)self;
  (void)kind;
#ifdef PROBE_WITHOUT_HANDLERS
  (void)name;
  return -1;
#else
  if (name.size == 4 && !memcmp(name.data, "noop", 4)) return HANDLER_NOOP;
  if (name.size == 6 && !memcmp(name.data, "silent", 6)) return HANDLER_SILENT;
  if (name.size == 4 && !memcmp(name.data, "echo", 4)) return HANDLER_ECHO;
  return HANDLER_RUN;
#endif
}

static serai_status start(void* self) SERAI_NOEXCEPT {
  (void)self;
  if (log_api) log_api->write(0, SERAI_LOG_DEBUG, text("starting"), text(""));
#ifdef PROBE_START_FAILS
  return SERAI_E_INTERNAL;
#else
  return SERAI_OK;
#endif
}

static serai_status echo(serai_call call, const serai_request* request) {
  char words[2000];
  int size = snprintf(words, sizeof words, "%.*s %.*s q=%.*s tenant=%.*s user=%.*s",
                      (int)request->method.size, request->method.data, (int)request->path.size,
                      request->path.data, (int)request->query.size, request->query.data,
                      (int)request->caller.tenant.size, request->caller.tenant.data,
                      (int)request->caller.user.size, request->caller.user.data);
  for (uint32_t i = 0; i < request->header_count; ++i)
    size += snprintf(words + size, sizeof words - (size_t)size, " %.*s:%.*s",
                     (int)request->headers[i].name.size, request->headers[i].name.data,
                     (int)request->headers[i].value.size, request->headers[i].value.data);
  for (uint32_t i = 0; i < request->path_parameter_count; ++i)
    size += snprintf(
        words + size, sizeof words - (size_t)size, " {%.*s}=%.*s",
        (int)request->path_parameters[i].name.size, request->path_parameters[i].name.data,
        (int)request->path_parameters[i].value.size, request->path_parameters[i].value.data);
  const serai_pair header = {text("X-Probe"), text("yes")};
  return response->respond(call, 201, &header, 1, (serai_str){words, (uint64_t)size});
}

static serai_status handle_request(void* self, serai_call call,
                                   const serai_request* request) SERAI_NOEXCEPT {
  (void)self;
  if (request->handler == HANDLER_NOOP) return response->respond(call, 200, NULL, 0, text("ok"));
  if (request->handler == HANDLER_SILENT) return SERAI_OK;
  if (request->handler == HANDLER_ECHO) return echo(call, request);
  struct script s = {call, call, malloc(256), 0, 256};
  serai_status status = run(&s, request->body);
  if (status == 0) status = response->respond(call, 200, NULL, 0, (serai_str){s.out, s.size});
  free(s.out);
  return status;
}

static serai_status handle_message(void* self, serai_call call,
                                   const serai_message* message) SERAI_NOEXCEPT {
  (void)self;
  struct script s = {call, call, malloc(256), 0, 256};
  const serai_status status = run(&s, message->payload);
  free(s.out);
  return status;
}

static serai_status handle_service(void* self, serai_call call,
                                   const serai_message* message) SERAI_NOEXCEPT {
  (void)self;
  struct script s = {call, call, malloc(256), 0, 256};
  serai_status status = run(&s, message->payload);
  if (status == 0) status = response->reply(call, (serai_str){s.out, s.size});
  free(s.out);
  return status;
}

static void forget_tenant(void* self, serai_str tenant) SERAI_NOEXCEPT {
  (void)self;
  (void)tenant;
}
static void stop(void* self) SERAI_NOEXCEPT { (void)self; }
static void destroy(void* self) SERAI_NOEXCEPT { (void)self; }

static const serai_plugin kPlugin = {sizeof(serai_plugin),
                                     0,
                                     NULL,
                                     resolve,
                                     start,
                                     handle_request,
                                     handle_message,
                                     handle_service,
                                     forget_tenant,
                                     stop,
                                     destroy};

/* NOLINTNEXTLINE(readability-non-const-parameter): the ABI says how its parameters look */
serai_status serai_plugin_create(const serai_host* the_host, const serai_plugin** out, char* error,
                                 uint64_t error_size) SERAI_NOEXCEPT {
#ifdef PROBE_CREATE_FAILS
  (void)snprintf(error, error_size, "the moon is in the wrong phase");
  host = the_host;
  *out = &kPlugin; /* to be ignored, as the status is negative */
  return SERAI_E_INTERNAL;
#else
  (void)error;
  (void)error_size;
  host = the_host;
#define GET(type, id) (const type*)host->get_interface(host, text(id), sizeof(type))
  response = GET(serai_response_api, SERAI_RESPONSE_ID);
  log_api = GET(serai_log_api, SERAI_LOG_ID);
  sql = GET(serai_sql_api, SERAI_SQL_ID);
  kv = GET(serai_kv_api, SERAI_KV_ID);
  blob = GET(serai_blob_api, SERAI_BLOB_ID);
  config = GET(serai_config_api, SERAI_CONFIG_ID);
  secrets = GET(serai_secrets_api, SERAI_SECRETS_ID);
  services = GET(serai_services_api, SERAI_SERVICES_ID);
  events = GET(serai_events_api, SERAI_EVENTS_ID);
  jobs = GET(serai_jobs_api, SERAI_JOBS_ID);
  metrics = GET(serai_metrics_api, SERAI_METRICS_ID);
  http_client = GET(serai_http_client_api, SERAI_HTTP_CLIENT_ID);
  smtp = GET(serai_smtp_api, SERAI_SMTP_ID);
  imap = GET(serai_imap_api, SERAI_IMAP_ID);
  links = GET(serai_links_api, SERAI_LINKS_ID);
  *out = &kPlugin;
  return SERAI_OK;
#endif
}
