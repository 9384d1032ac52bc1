#include "catalogue.hpp"

#include "checks/checks.hpp"
#include "serai/json.hpp"

namespace serai::check {
namespace {

constexpr Laws kNone = 0;

}  // namespace

const std::vector<Check>& catalogue() {
  static const std::vector<Check> checks{
      {"one-export",
       "The file exports serai_plugin_entry_v1 and nothing else: any other symbol could replace, "
       "or "
       "be replaced by, one of the host or of another plugin.",
       kNone, one_export},
      {"no-unique-symbols",
       "The file has no STB_GNU_UNIQUE symbol. One of them keeps the library in memory for ever "
       "and "
       "is shared between plugins that know nothing of each other.",
       kNone, no_unique_symbols},
      {"full-relro",
       "Relocations are read-only and bound when the file is loaded, so that a wrong write cannot "
       "redirect a function and a missing one shows at once.",
       kNone, full_relro},
      {"no-executable-stack",
       "The file asks for no executable stack and has no memory that is both writable and "
       "executable.",
       kNone, no_executable_stack},
      {"no-run-path",
       "The file names no folder to look for libraries in: what it loads is the host's system's.",
       kNone, no_run_path},
      {"allowed-libraries",
       "The file needs only the run-times of C and C++ and the libraries Serai's packages bring "
       "along; --allow-library adds to them.",
       kNone, allowed_libraries},
      {"no-text-relocations",
       "The code needs no rewriting when it is loaded: it is position-independent and its pages "
       "are "
       "shared.",
       kNone, no_text_relocations},
      {"no-initial-exec-tls",
       "The file uses no thread-local storage of the initial-exec kind, of which a process has a "
       "few "
       "kilobytes for all libraries together.",
       kNone, no_initial_exec_tls},
      {"manifest-equals-entry",
       "The manifest in the section .serai.manifest, which the host reads before anything runs, is "
       "the one the entry names when it is loaded.",
       kNone, manifest_equals_entry},
      {"manifest-valid",
       "The manifest passes the host's own rules: known keys, declared permissions, mounts, "
       "migrations that can be undone.",
       kNone, manifest_valid},
      {"loads-and-unloads",
       "Loaded, created, started, asked, stopped, destroyed and unloaded 50 times; after each time "
       "no page of the file may be left in memory.",
       kNone, loads_and_unloads},
      {"handlers-resolve",
       "resolve() knows every handler the manifest names, always by the same number, and none that "
       "it does not name.",
       kNone, handlers_resolve},
      {"lifecycle-orders",
       "Destroyed without a start, stopped without a call, created again in the same process, "
       "asked "
       "to forget a tenant it never met: nothing breaks.",
       kNone | Law::phase, lifecycle_orders},
      {"leaves-no-thread",
       "After stop() no thread of the plugin is left: its code may be unmapped at any time.", kNone,
       leaves_no_thread},
  };
  return checks;
}

const Check* find_check(std::string_view name) {
  for (const Check& check : catalogue())
    if (check.name == name) return &check;
  return nullptr;
}

std::string Task::to_text() const {
  return Json{{"plugin", plugin.string()},
              {"check", check},
              {"seed", seed},
              {"time_limit_ms", time_limit.count()},
              {"fuzz_time_ms", fuzz_time.count()},
              {"world", world.string()},
              {"allowed_libraries", allowed_libraries},
              {"channel", channel}}
      .dump();
}

Task Task::from_text(const std::string& text) {
  const Json json = Json::parse(text);
  Task task;
  task.plugin = json.at("plugin").get<std::string>();
  task.check = json.at("check").get<std::string>();
  task.seed = json.at("seed").get<std::uint64_t>();
  task.time_limit = std::chrono::milliseconds(json.at("time_limit_ms").get<std::int64_t>());
  task.fuzz_time = std::chrono::milliseconds(json.at("fuzz_time_ms").get<std::int64_t>());
  task.world = json.at("world").get<std::string>();
  task.allowed_libraries = json.at("allowed_libraries").get<std::vector<std::string>>();
  task.channel = json.at("channel").get<int>();
  return task;
}

std::mt19937_64 Task::random() const {
  std::uint64_t hash = 1469598103934665603ULL ^ seed;
  for (const char c : check) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return std::mt19937_64(hash);
}

}  // namespace serai::check
