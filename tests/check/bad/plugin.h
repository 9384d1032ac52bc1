/* The table of a bad plugin: base.h's functions but for those the fixture brings. */
#ifndef BAD_START
#define BAD_START base_start
#endif
#ifndef BAD_STOP
#define BAD_STOP base_stop
#endif
#ifndef BAD_DESTROY
#define BAD_DESTROY base_destroy
#endif
#ifndef BAD_REQUEST
#define BAD_REQUEST base_request
#endif
#ifndef BAD_MESSAGE
#define BAD_MESSAGE base_message
#endif
#ifndef BAD_SERVICE
#define BAD_SERVICE base_service
#endif
#ifndef BAD_RESOLVE
#define BAD_RESOLVE base_resolve
#endif
#ifndef BAD_FORGET
#define BAD_FORGET base_forget
#endif
#ifndef BAD_CREATE
#define BAD_CREATE(bad) SERAI_OK
#endif

#define BAD_FETCH(member, type, id) \
  bad->member = (const type*)host->get_interface(host, view(id), sizeof(type))

#ifdef __cplusplus
extern "C"
#endif
    serai_status
    serai_plugin_create(const serai_host* host, const serai_plugin** out, char* error,
                        uint64_t error_size) BAD_NOEXCEPT {
  struct bad* bad = (struct bad*)calloc(1, sizeof *bad);
  if (bad == NULL) {
    if (error_size > 20) memcpy(error, "There is no memory.", 20);
    return SERAI_E_UNAVAILABLE;
  }
  bad->host = host;
  BAD_FETCH(response, serai_response_api, SERAI_RESPONSE_ID);
  BAD_FETCH(sql, serai_sql_api, SERAI_SQL_ID);
  BAD_FETCH(kv, serai_kv_api, SERAI_KV_ID);
  BAD_FETCH(config, serai_config_api, SERAI_CONFIG_ID);
  BAD_FETCH(secrets, serai_secrets_api, SERAI_SECRETS_ID);
  BAD_FETCH(services, serai_services_api, SERAI_SERVICES_ID);
  BAD_FETCH(jobs, serai_jobs_api, SERAI_JOBS_ID);
  BAD_FETCH(events, serai_events_api, SERAI_EVENTS_ID);
  BAD_FETCH(log, serai_log_api, SERAI_LOG_ID);
  BAD_FETCH(clock, serai_clock_api, SERAI_CLOCK_ID);
  bad->plugin.struct_size = sizeof bad->plugin;
  bad->plugin.self = bad;
  bad->plugin.resolve = BAD_RESOLVE;
  bad->plugin.start = BAD_START;
  bad->plugin.handle_request = BAD_REQUEST;
  bad->plugin.handle_message = BAD_MESSAGE;
  bad->plugin.handle_service = BAD_SERVICE;
  bad->plugin.forget_tenant = BAD_FORGET;
  bad->plugin.stop = BAD_STOP;
  bad->plugin.destroy = BAD_DESTROY;
  if (bad->response == NULL || bad->clock == NULL || bad->events == NULL) {
    if (error_size > 30) memcpy(error, "An interface is not granted.", 29);
    free(bad);
    return SERAI_E_UNSUPPORTED;
  }
  *out = &bad->plugin;
  return BAD_CREATE(bad);
}
