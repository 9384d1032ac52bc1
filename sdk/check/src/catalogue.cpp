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
      {"valid-requests",
       "Requests made from the routes' parameters and JSON Schemas, the world's own requests, "
       "services, events and the jobs they lead to: answers have a status in range, well-formed "
       "JSON, the declared shape, problems with a snake_case code and no word of the inside, and "
       "what the schemas allow is never a 500.",
       Law::answer | Law::internal | Law::shape, valid_requests},
      {"empty-input",
       "Every handler called with nothing: no parameter, no header, no body, no payload.",
       kNone | Law::answer, empty_input},
      {"huge-input",
       "Every handler called with megabytes of text, hundreds of thousands of items, thousands of "
       "parameters.",
       kNone | Law::answer, huge_input},
      {"deeply-nested-input",
       "Every handler called with JSON nested 200,000 deep, which exhausts the stack of a careless "
       "reader.",
       kNone | Law::answer, deeply_nested_input},
      {"invalid-requests",
       "Routes called with what breaks their schemas, with bytes that are no UTF-8 and with "
       "mutated "
       "parameters: no crash, and a well-formed refusal.",
       kNone | Law::answer, invalid_requests},
      {"invalid-messages",
       "Jobs, events and services called with payloads nobody promised; a service refuses them "
       "with "
       "a 4xx and not with a 500, since any plugin may call it.",
       Law::answer | Law::internal, invalid_messages},
      {"request-memory-ends",
       "A request's memory cannot be written, has a guard page behind every text, and turns "
       "untouchable for good when the handler returns: whoever keeps a view, writes into it or "
       "counts on a NUL behind it is found.",
       kNone, watched},
      {"lent-views-end",
       "What host functions lend (rows, values, pieces of blobs, words of errors) turns "
       "untouchable "
       "at its documented end.",
       kNone, watched},
      {"handles-end",
       "No call, result or blob is used by its handle after its end, closed twice or made up.",
       kNone | Law::handle, watched},
      {"host-calls-from-own-thread",
       "Host functions of a call are called only from the thread its handler runs on.",
       kNone | Law::thread, watched},
      {"no-calls-in-wrong-phase",
       "In create() nothing but get_interface, in start(), stop() and destroy() only log and "
       "clock, "
       "afterwards nothing at all.",
       kNone | Law::phase, watched},
      {"valid-host-arguments",
       "What is passed to the host is well-formed: no size without bytes, no NULL where something "
       "must be, texts in UTF-8, SQL that parses for every input, headers that are headers, fields "
       "and settings in JSON.",
       kNone | Law::argument, watched},
      {"declares-what-it-uses",
       "Every setting, service, event, job, metric, outside host and table it asks for is in its "
       "manifest.",
       kNone | Law::declared, watched},
      {"interfaces-withheld",
       "Each interface withheld in turn, then all. Without an optional one it starts and never "
       "answers 500; without a needed one it refuses with a sentence or fails cleanly.",
       kNone | Law::answer, interfaces_withheld},
      {"failing-host-calls",
       "Every function of the host fails once, the first to the last of a whole script, with "
       "different statuses: no crash, well-formed answers, and no success after a commit that the "
       "host refused.",
       Law::answer | Law::durability, failing_host_calls},
      {"gives-up-after-deadline",
       "The host answers everything with SERAI_E_DEADLINE: the handler returns instead of asking "
       "again.",
       kNone | Law::answer, gives_up_after_deadline},
      {"failing-allocations",
       "malloc and its kin fail once, or for the rest of a call, at sampled places of the plugin's "
       "own code and of the C++ run-time on its behalf: a clean refusal, no crash.",
       kNone, failing_allocations},
      {"exceptions-stay-inside",
       "Rubbish in, every host function failing, no memory: nothing thrown comes out of a function "
       "the host calls, and none that must not throw is left by an exception.",
       kNone | Law::exception, exceptions_stay_inside},
      {"concurrent-calls",
       "Eight threads with a tenant each call everything at once; no answer contains what belongs "
       "to "
       "a neighbour, and every host function is called from its own thread.",
       Law::answer | Law::internal | Law::tenant | Law::thread | Law::handle, concurrent_calls},
      {"drains-in-flight-calls",
       "Stopped, destroyed and unloaded right after the last of many parallel calls has returned: "
       "nothing goes on, nothing stays mapped.",
       Law::phase | Law::thread | Law::handle, drains_in_flight_calls},
      {"tenants-apart",
       "One tenant's world, users and data are marked; another makes the same calls, also by the "
       "first one's ids: no answer, header, log line, outside request, job or row of the second "
       "contains the mark.",
       kNone | Law::tenant, tenants_apart},
      {"forgets-tenant",
       "After forget_tenant() nothing of the tenant is left in memory: asked again under the same "
       "id, with empty tables, no answer contains its mark.",
       kNone | Law::tenant, forgets_tenant},
      {"answers-repeat",
       "The same calls on a new instance, with clock and ids held still, have the same statuses "
       "and "
       "shapes.",
       kNone, answers_repeat},
      {"both-placements-byte-equal",
       "The same requests, jobs, events and service calls, valid and invalid, are answered with "
       "the "
       "same bytes (status, headers, body, error code) and queue the same jobs in the host's "
       "process "
       "and in an isolated child. serai.clock stands still and its ids are counted, in both. What "
       "a "
       "plugin takes from elsewhere (the system's clock, random numbers) cannot be held: an answer "
       "that differs already between two runs in the host's process is compared by status and "
       "error "
       "code only, and named.",
       kNone, both_placements_byte_equal},
      {"fuzz",
       "Valid requests and messages are mutated, and the outside and other plugins answer rubbish, "
       "for --fuzz-time; replayed by --seed.",
       Law::answer | Law::internal | Law::exception | Law::handle | Law::argument, fuzz, true},
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
