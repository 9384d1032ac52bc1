// The plugin in this process: loaded once, asked by every lane.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plugin_host/host_link.hpp"
#include "serai/abi/entry.h"

namespace plugin_host {

class Plugin {
 public:
  // `granted`: short names of the interfaces the plugin may ask for.
  explicit Plugin(std::vector<std::string> granted);

  // Maps the library that `descriptor` holds; its constructors run here. Empty, or what is wrong.
  std::string load(int descriptor);

  // Answers the asks of one lane for ever. One thread for each lane.
  [[noreturn]] void serve(std::byte* lane_memory);

 private:
  void create(HostLink& link);
  void answer(HostLink& link, std::uint32_t ask, std::string_view payload);

  serai_host host_;
  const serai_entry* entry_ = nullptr;
  const serai_plugin* code_ = nullptr;
};

}  // namespace plugin_host
