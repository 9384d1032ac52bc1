/* Mentions every type of the ABI, so that their layout is in this library's debug information for
 * abidw. Never run, never shipped. */
#include "serai/abi/all.h"

#define SURFACE(type)                                  \
  SERAI_EXPORT void surface_##type(const type* value); \
  void surface_##type(const type* value) { (void)value; }

SURFACE(serai_str)
SURFACE(serai_pair)
SURFACE(serai_call)
SURFACE(serai_handle)
SURFACE(serai_status)
SURFACE(serai_host)
SURFACE(serai_caller)
SURFACE(serai_part)
SURFACE(serai_request)
SURFACE(serai_message)
SURFACE(serai_response_api)
SURFACE(serai_plugin)
SURFACE(serai_entry)
SURFACE(serai_log_api)
SURFACE(serai_config_api)
SURFACE(serai_value)
SURFACE(serai_rows)
SURFACE(serai_sql_api)
SURFACE(serai_kv_api)
SURFACE(serai_blob_api)
SURFACE(serai_neighbour)
SURFACE(serai_vector_api)
SURFACE(serai_http_request)
SURFACE(serai_http_response)
SURFACE(serai_http_client_api)
SURFACE(serai_job_spec)
SURFACE(serai_jobs_api)
SURFACE(serai_events_api)
SURFACE(serai_services_api)
SURFACE(serai_secrets_api)
SURFACE(serai_links_api)
SURFACE(serai_metrics_api)
SURFACE(serai_program_spec)
SURFACE(serai_program_result)
SURFACE(serai_program_api)
SURFACE(serai_clock_api)
