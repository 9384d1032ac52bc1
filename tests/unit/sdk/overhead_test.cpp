// What the wrapper adds to a call: no allocation. Drives the plugin's table directly, without the
// fake host, and counts every operator new of this thread meanwhile.
#include <cstdlib>
#include <new>
#include <string_view>

#include <gtest/gtest.h>

#include "serai/abi/all.h"

namespace {

thread_local std::size_t allocations = 0;

const void* response_table();

const void* get_interface(const serai_host*, serai_str id, std::uint32_t) noexcept {
  return std::string_view(id.data, id.size) == SERAI_RESPONSE_ID ? response_table() : nullptr;
}

std::int32_t last_status = 0;

serai_status respond(serai_call, std::int32_t status, const serai_pair*, std::uint32_t,
                     serai_str) noexcept {
  last_status = status;
  return SERAI_OK;
}

const void* response_table() {
  static const serai_response_api table{sizeof(serai_response_api), 0, respond, nullptr, nullptr};
  return &table;
}

serai_str view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

TEST(Overhead, a_call_allocates_nothing_of_its_own) {
  serai_host host{};
  host.struct_size = sizeof(host);
  host.get_interface = get_interface;
  const serai_plugin* plugin = nullptr;
  char error[64];
  ASSERT_EQ(serai_plugin_entry_v1.create(&host, &plugin, error, sizeof(error)), SERAI_OK) << error;
  const std::int32_t handler = plugin->resolve(plugin->self, SERAI_HANDLER_ROUTE, view("errors"));
  ASSERT_GE(handler, 0);
  const serai_pair parameter{view("kind"), view("none")};
  serai_request request{};
  request.struct_size = sizeof(request);
  request.handler = static_cast<std::uint32_t>(handler);
  request.path_parameters = &parameter;
  request.path_parameter_count = 1;
  const std::size_t before = allocations;
  EXPECT_EQ(plugin->handle_request(plugin->self, 1, &request), SERAI_OK);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(last_status, 204);
  EXPECT_GT(before, 0U) << "nothing was counted at all";
  plugin->destroy(plugin->self);
}

TEST(Overhead, a_handler_number_of_another_kind_is_refused) {
  serai_host host{};
  host.struct_size = sizeof(host);
  host.get_interface = get_interface;
  host.set_error = [](const serai_host*, serai_call, serai_str, serai_str) noexcept {};
  const serai_plugin* plugin = nullptr;
  char error[64];
  ASSERT_EQ(serai_plugin_entry_v1.create(&host, &plugin, error, sizeof(error)), SERAI_OK) << error;
  EXPECT_EQ(plugin->resolve(plugin->self, SERAI_HANDLER_JOB, view("errors")), -1);
  serai_message message{};
  message.struct_size = sizeof(message);
  message.handler = 0;
  EXPECT_EQ(plugin->handle_message(plugin->self, 1, &message), SERAI_E_INTERNAL);
  message.handler = 9999;
  EXPECT_EQ(plugin->handle_service(plugin->self, 1, &message), SERAI_E_INTERNAL);
  plugin->destroy(plugin->self);
}

}  // namespace
