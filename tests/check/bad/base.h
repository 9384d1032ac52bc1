/* A small plugin that keeps every law. A fixture breaks one: it defines BAD_CREATE, BAD_START,
 * BAD_STOP, BAD_DESTROY, BAD_REQUEST, BAD_MESSAGE, BAD_SERVICE, BAD_RESOLVE or BAD_FORGET as the
 * name of its own function and includes plugin.h last. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include <serai/abi/all.h>
#include <serai/create.h>

#ifdef __cplusplus
#define BAD_NOEXCEPT noexcept
#else
#define BAD_NOEXCEPT
#endif

enum { GET = 0, MAKE = 1, ASK = 2, WORK = 3, HEARD = 4 };

struct bad {
  serai_plugin plugin;
  const serai_host* host;
  const serai_response_api* response;
  const serai_sql_api* sql;
  const serai_kv_api* kv;
  const serai_config_api* config;
  const serai_secrets_api* secrets;
  const serai_services_api* services;
  const serai_jobs_api* jobs;
  const serai_events_api* events;
  const serai_log_api* log;
  const serai_clock_api* clock;
};

static inline serai_str view(const char* text) {
  serai_str result;
  result.data = text;
  result.size = strlen(text);
  return result;
}

static inline serai_status answer_text(struct bad* bad, serai_call call, int status,
                                       serai_str body) {
  serai_pair header;
  header.name = view("content-type");
  header.value = view("application/json");
  return bad->response->respond(call, status, &header, 1, body);
}

static inline serai_status refuse(struct bad* bad, serai_call call, serai_status status,
                                  const char* code) {
  bad->host->set_error(bad->host, call, view(code), view("It cannot be done."));
  return status;
}

static inline serai_value text_value(serai_str text) {
  const serai_value value = {SERAI_TEXT, 0, {.bytes = text}};
  return value;
}

/* 1 if a thing of that id is there, 0 if not, negative: a status. */
static inline int base_has(struct bad* bad, serai_call call, serai_str id) {
  const serai_value value = text_value(id);
  serai_rows rows;
  memset(&rows, 0, sizeof rows);
  const serai_status status = bad->sql->query(
      call, view("SELECT title FROM bad_things WHERE id = $1"), &value, 1, 1, &rows);
  if (status < 0) return status;
  const int found = rows.row_count > 0;
  bad->sql->release(call, rows.handle);
  return found;
}

static inline serai_status base_make(struct bad* bad, serai_call call) {
  char id[36];
  bad->clock->uuid(id);
  serai_str key;
  key.data = id;
  key.size = sizeof id;
  serai_value values[2];
  values[0] = text_value(key);
  values[1] = text_value(view("a thing"));
  serai_status status = bad->sql->begin(call);
  if (status < 0) return refuse(bad, call, status, "");
  status = bad->sql->execute(call, view("INSERT INTO bad_things (id, title) VALUES ($1, $2)"),
                             values, 2, NULL);
  if (status >= 0) status = bad->events->publish(call, view("bad.made"), view("{}"));
  if (status >= 0) status = bad->sql->commit(call);
  if (status < 0) return refuse(bad, call, status, "");
  return answer_text(bad, call, 200, view("{\"success\":true}"));
}

static inline serai_status base_request(void* self, serai_call call,
                                        const serai_request* request) BAD_NOEXCEPT {
  struct bad* bad = (struct bad*)self;
  if (bad->sql == NULL) return refuse(bad, call, SERAI_E_UNAVAILABLE, "no_database");
  if (request->handler == MAKE) return base_make(bad, call);
  if (request->path_parameter_count != 1) return refuse(bad, call, SERAI_E_NOT_FOUND, "not_found");
  const int found = base_has(bad, call, request->path_parameters[0].value);
  if (found < 0) return refuse(bad, call, found, "");
  if (found == 0) return refuse(bad, call, SERAI_E_NOT_FOUND, "not_found");
  return answer_text(bad, call, 200, view("{\"success\":true}"));
}

static inline serai_status base_message(void* self, serai_call call,
                                        const serai_message* message) BAD_NOEXCEPT {
  (void)self;
  (void)call;
  return message->handler == WORK || message->handler == HEARD ? SERAI_OK : SERAI_E_NOT_FOUND;
}

static inline serai_status base_service(void* self, serai_call call,
                                        const serai_message* message) BAD_NOEXCEPT {
  (void)message;
  return ((struct bad*)self)->response->reply(call, view("{}"));
}

static inline int32_t base_resolve(void* self, uint32_t kind, serai_str name) BAD_NOEXCEPT {
  static const struct {
    uint32_t kind;
    const char* name;
  } handlers[] = {{SERAI_HANDLER_ROUTE, "get"},
                  {SERAI_HANDLER_ROUTE, "make"},
                  {SERAI_HANDLER_SERVICE, "ask"},
                  {SERAI_HANDLER_JOB, "work"},
                  {SERAI_HANDLER_EVENT, "heard"}};
  (void)self;
  for (int i = 0; i < 5; ++i) {
    if (kind == handlers[i].kind && name.size == strlen(handlers[i].name) &&
        memcmp(name.data, handlers[i].name, name.size) == 0)
      return i;
  }
  return -1;
}

static inline serai_status base_start(void* self) BAD_NOEXCEPT {
  (void)self;
  return SERAI_OK;
}
static inline void base_forget(void* self, serai_str tenant) BAD_NOEXCEPT {
  (void)self;
  (void)tenant;
}
static inline void base_stop(void* self) BAD_NOEXCEPT { (void)self; }
static inline void base_destroy(void* self) BAD_NOEXCEPT { free(self); }
