#include "cli/dev/log_view.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace host::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Said in other words, or only of interest to who runs a house.
bool is_background(std::string_view key) {
  static constexpr std::array<std::string_view, 16> kKeys{
      "time",    "level",  "message", "plugin",     "tenant", "request_id",  "user",    "bytes",
      "address", "method", "path",    "generation", "route",  "traceparent", "version", "fields"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

// "[3/7] Building ..." of Ninja, "[ 50%] Building ..." of Make.
bool is_progress(std::string_view line) {
  return line.size() > 2 && line[0] == '[' &&
         (line[1] == ' ' || (line[1] >= '0' && line[1] <= '9')) &&
         line.find(']') != std::string_view::npos;
}

bool is_build_tool(std::string_view line) {
  return is_progress(line) ||
         begins_with_any(line, {"ninja: ", "make[", "make:", "gmake[", "gmake:", "-- ",
                                "Consolidate compiler generated", "Scanning dependencies",
                                "Dependencies file ", "Re-run cmake ", "Change Dir: "});
}

}  // namespace

std::string log_line(std::string_view text, std::string_view plugin) {
  const Json line = Json::parse(text, nullptr, false);
  if (!line.is_object())  // what a plugin printed by itself
    return begins_with_any(text, {"serai serving on ", "The demo tenant's "}) ? std::string()
                                                                              : std::string(text);
  const std::string message = line.value("message", "");
  if (message == "A plugin could not be loaded.") return {};  // the caller says it with its reason
  const std::string level = line.value("level", "");
  const bool ours = line.value("plugin", "") == plugin;
  if (!ours && level != "warning" && level != "error") return {};
  const std::string time = line.value("time", "");
  std::string out = (time.size() > 19 ? time.substr(11, 8) : time) + " ";
  out += (level + "       ").substr(0, 8);
  if (line.contains("path")) {
    out += line.value("method", "") + " " + line.value("path", "");
  } else {
    out += message;
  }
  const auto add = [&out](const Json& object, bool all) {
    for (const auto& [key, value] : object.items())
      if (all || !is_background(key)) out += "  " + key + "=" + plain(value);
  };
  add(line, false);
  if (line.contains("fields")) add(line["fields"], true);
  return out;
}

std::string compiler_words(std::string_view output) {
  std::string words;
  bool command_follows = false;
  while (!output.empty()) {
    const auto line = output.substr(0, output.find('\n'));
    output.remove_prefix(std::min(line.size() + 1, output.size()));
    const bool is_command = std::exchange(command_follows, line.starts_with("FAILED: "));
    if (is_command || command_follows || is_build_tool(line)) continue;
    words.append(line).append("\n");
  }
  if (words.find_first_not_of(" \n") == std::string::npos) words.clear();
  return words;
}

}  // namespace host::cli
