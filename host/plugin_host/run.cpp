// The process an isolated plugin lives in: `serai-plugin-host NAME LANES MEMORY INTERFACES
// CLOCK [LIBRARY...]`, started by the host alone, with the descriptors of protocol.hpp. It confines
// itself first and loads the plugin last, so that the plugin's static constructors are confined
// already. A program of its own, and a small one: a plugin that died is back in a few milliseconds.
#include "plugin_host/run.hpp"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isolation/lane.hpp"
#include "isolation/plugin_clock.hpp"
#include "isolation/protocol.hpp"
#include "plugin_host/confinement.hpp"
#include "plugin_host/plugin.hpp"

namespace {

using host::isolation::Lane;

// Tells the host in one message what happened; write(), because the filter knows no send().
void tell(std::string_view word, std::string_view detail = {}) {
  const std::string text = std::string(word) + '\n' + std::string(detail);
  (void)!::write(host::isolation::kControl, text.data(), text.size());
}

[[noreturn]] void give_up(const std::string& why) {
  tell("fault", why);
  ::_exit(1);
}

template <class T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::byte* map_lanes(std::size_t lanes) {
  void* memory = ::mmap(nullptr, lanes * Lane::bytes(), PROT_READ | PROT_WRITE, MAP_SHARED,
                        host::isolation::kMemory, 0);
  if (memory == MAP_FAILED) give_up("its shared memory cannot be mapped");
  ::close(host::isolation::kMemory);
  return static_cast<std::byte*>(memory);
}

// Threads are made before the filter, which refuses new ones.
void start_thread(plugin_host::Plugin& plugin, std::byte* memory) {
  struct Start {
    plugin_host::Plugin& plugin;
    std::byte* memory;
  };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, host::isolation::kStackBytes);
  pthread_t thread;
  auto* start = new Start{plugin, memory};
  const int failed = pthread_create(
      &thread, &attributes,
      [](void* argument) -> void* {
        const std::unique_ptr<Start> own(static_cast<Start*>(argument));
        own->plugin.serve(own->memory);
        return nullptr;
      },
      start);
  pthread_attr_destroy(&attributes);
  if (failed != 0) give_up("its threads cannot be started within its memory");
}

}  // namespace

int plugin_host::run(int argc, char** argv) {
  if (argc < 6) {
    (void)std::fputs("serai-plugin-host is started by serai, never by hand.\n", stderr);
    return 2;
  }
  const auto lanes = number<std::size_t>(argv[2]);
  std::set_new_handler([] {
    // No string here: there is no memory for one.
    (void)!::write(host::isolation::kControl, "memory\n", 7);
    ::_exit(5);
  });
  plugin_host::shed(number<std::uint64_t>(argv[3]));
  std::byte* memory = map_lanes(lanes);
  const std::vector<std::string> libraries(argv + 6, argv + argc);
  if (const auto missing = plugin_host::open_libraries(libraries); !missing.empty())
    give_up(missing);

  host::isolation::hold_plugin_clock(std::string_view(argv[5]));
  plugin_host::Plugin plugin(split(argv[4]));
  const auto files = plugin_host::forbid_files(plugin_host::files_for(libraries));
  // Lane 0 is the lifecycle's, served by this thread.
  for (std::size_t i = 1; i < lanes; ++i) start_thread(plugin, memory + i * Lane::bytes());
  plugin_host::filter_calls(files);
  if (const auto fault = plugin.load(host::isolation::kLibrary); !fault.empty()) give_up(fault);
  plugin_host::close_the_door(files);
  tell("ready");
  plugin.serve(memory);
}
