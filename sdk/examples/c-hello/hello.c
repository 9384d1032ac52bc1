/* The hello plugin in plain C, straight on the ABI: what the C++ wrapper does for others. The name
 * is taken from the path and written as a JSON string. */
#include <stdlib.h>
#include <string.h>

#include <serai/abi/all.h>
#include <serai/create.h>

struct hello {
  serai_plugin plugin; /* what the host sees; self points back here */
  const serai_host* host;
  const serai_response_api* response;
};

static const char kHandlerGreet[] = "greet";

/* Without a final zero. */
static char* append(char* out, const char* text) {
  while (*text != '\0') *out++ = *text++;
  return out;
}

/* Adds `text` as the inside of a JSON string; at most six bytes for each of its own. */
static char* append_escaped(char* out, serai_str text) {
  static const char digits[] = "0123456789abcdef";
  for (uint64_t i = 0; i < text.size; ++i) {
    const unsigned char c = (unsigned char)text.data[i];
    if (c == '"' || c == '\\') {
      *out++ = '\\';
      *out++ = (char)c;
    } else if (c < 0x20) {
      out = append(out, "\\u00");
      *out++ = digits[c >> 4];
      *out++ = digits[c & 15];
    } else {
      *out++ = (char)c;
    }
  }
  return out;
}

static serai_str view(const char* text) {
  serai_str result;
  result.data = text;
  result.size = strlen(text);
  return result;
}

static int32_t hello_resolve(void* self, uint32_t kind, serai_str name) {
  (void)self;
  const int is_greet = kind == SERAI_HANDLER_ROUTE && name.size == sizeof(kHandlerGreet) - 1 &&
                       memcmp(name.data, kHandlerGreet, name.size) == 0;
  return is_greet ? 0 : -1;
}

static serai_status hello_start(void* self) {
  (void)self;
  return SERAI_OK;
}

static serai_status hello_request(void* self, serai_call call, const serai_request* request) {
  const struct hello* hello = self;
  if (request->handler != 0 || request->path_parameter_count != 1) return SERAI_E_NOT_FOUND;
  const serai_str name = request->path_parameters[0].value;
  char* body = malloc((size_t)name.size * 6 + 64);
  if (body == NULL) {
    hello->host->set_error(hello->host, call, view("out_of_memory"), view("There is no memory."));
    return SERAI_E_UNAVAILABLE;
  }
  char* end = append(body, "{\"hello\":\"");
  end = append_escaped(end, name);
  end = append(end, "\",\"success\":true}");
  serai_pair header;
  header.name = view("content-type");
  header.value = view("application/json");
  serai_str answer;
  answer.data = body;
  answer.size = (uint64_t)(end - body);
  const serai_status status = hello->response->respond(call, 200, &header, 1, answer);
  free(body);
  return status;
}

static serai_status hello_message(void* self, serai_call call, const serai_message* message) {
  (void)self;
  (void)call;
  (void)message;
  return SERAI_E_NOT_FOUND; /* the manifest declares no job, event or service */
}

static void hello_forget_tenant(void* self, serai_str tenant) {
  (void)self;
  (void)tenant;
}

static void hello_stop(void* self) { (void)self; }

static void hello_destroy(void* self) { free(self); }

serai_status serai_plugin_create(const serai_host* host, const serai_plugin** out, char* error,
                                 uint64_t error_size) {
  struct hello* hello = calloc(1, sizeof(*hello));
  if (hello == NULL) {
    if (error_size > 0) error[0] = '\0';
    return SERAI_E_UNAVAILABLE;
  }
  hello->host = host;
  hello->response = host->get_interface(host, view(SERAI_RESPONSE_ID), sizeof(serai_response_api));
  hello->plugin.struct_size = sizeof(serai_plugin);
  hello->plugin.self = hello;
  hello->plugin.resolve = hello_resolve;
  hello->plugin.start = hello_start;
  hello->plugin.handle_request = hello_request;
  hello->plugin.handle_message = hello_message;
  hello->plugin.handle_service = hello_message;
  hello->plugin.forget_tenant = hello_forget_tenant;
  hello->plugin.stop = hello_stop;
  hello->plugin.destroy = hello_destroy;
  *out = &hello->plugin;
  return SERAI_OK;
}
