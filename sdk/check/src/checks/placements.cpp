// The same calls in the host's process and in an isolated child.
#include <algorithm>
#include <chrono>

#include "../elf.hpp"
#include "../plan.hpp"
#include "bundle.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

constexpr int kRounds = 8;

testing::Manifest manifest_of(const std::filesystem::path& plugin) {
  for (const auto& file : testing::parse_bundle(read_elf(plugin).manifest))
    if (file.path == "plugin.yaml") return testing::Manifest(file.content);
  throw std::runtime_error("There is no plugin.yaml in it.");
}

Surroundings surroundings_of(const World& world, const testing::Manifest& manifest) {
  Surroundings around;
  for (const Json& permission : manifest.json().value("permissions", Json::array()))
    if (permission.is_object()) around.permissions.push_back(permission.value("id", ""));
  around.settings = dump_json(world.settings);
  around.secret = [&world](const std::string& name) -> std::optional<std::string> {
    const auto found = world.secrets.find(name);
    if (found == world.secrets.end()) return std::nullopt;
    return found->is_string() ? found->get<std::string>() : dump_json(*found);
  };
  around.service = [&world](const std::string& name) {
    const auto found = world.services.find(name);
    return found == world.services.end() ? "{}" : dump_json(*found);
  };
  around.outside = [&world](const std::string& url) {
    for (const Json& answer : world.http) {
      if (!url.starts_with(answer.value("url", ""))) continue;
      const Json body = answer.value("body", Json());
      return std::pair(answer.value("status", 200),
                       body.is_string() ? body.get<std::string>() : dump_json(body));
    }
    return std::pair(200, std::string("{}"));
  };
  return around;
}

PlacedCall placed(const Input& input, const std::string& tenant) {
  PlacedCall call;
  call.tenant = tenant;
  call.body = input.body;
  switch (input.kind) {
    case SERAI_HANDLER_JOB:
      call.kind = PlacedCall::Kind::job;
      call.name = input.message_kind;
      return call;
    case SERAI_HANDLER_EVENT:
      call.kind = PlacedCall::Kind::event;
      call.name = input.message_kind.substr(std::string("event:").size());
      return call;
    case SERAI_HANDLER_SERVICE:
      call.kind = PlacedCall::Kind::service;
      call.name = input.message_kind;
      return call;
    default:
      break;
  }
  const std::string target = input.target();
  const std::size_t mark = target.find('?');
  call.name = input.declared->value("path", "");
  call.method = input.method;
  call.path = input.path;
  call.query = mark == std::string::npos ? "" : target.substr(mark + 1);
  call.path_parameters = input.path_parameters;
  call.query_parameters = input.query;
  call.headers = {input.headers.begin(), input.headers.end()};
  for (const auto& part : input.parts)
    call.parts.push_back({part.name, part.data, part.file_name, part.content_type});
  return call;
}

struct Made {
  std::string title;  // what a finding calls it
  PlacedCall call;
  PlacedAnswer answer;
};

// Calls made up as answers come in, so that later ones name what exists.
std::vector<Made> improvised(PlacedPlugin& plugin, const testing::Manifest& manifest,
                             const World& world, const Task& task) {
  const auto end = std::chrono::steady_clock::now() + task.time_limit / 6;
  Plan plan(manifest, world, task.random());
  std::vector<Made> all;
  const auto send = [&](const Input& input, int round) {
    if (std::chrono::steady_clock::now() > end && round > 0) return;
    Made made{input.name, placed(input, round % 4 == 3 ? "tenant-b" : "tenant-a"), {}};
    if (input.kind == SERAI_HANDLER_ROUTE) made.title += " (" + input.target().substr(0, 200) + ")";
    activity("in the host's process: " + made.title);
    made.answer = plugin.send(made.call);
    Answer learnt;
    learnt.http = made.answer.status;
    learnt.body = made.answer.body;
    plan.learn(learnt);
    all.push_back(std::move(made));
  };
  for (int round = 0; round < kRounds; ++round) {
    for (const Input& input : plan.script()) send(input, round);
    for (const Input& skeleton : plan.skeletons()) send(plan.invalid(skeleton), round);
  }
  return all;
}

// Where two texts part, with what stands around.
std::string around(const std::string& text, std::size_t at) {
  const std::size_t from = at > 40 ? at - 40 : 0;
  return "\"" + text.substr(from, 120) + "\"";
}

// What differs first; empty: nothing.
std::string difference(const PlacedAnswer& here, const PlacedAnswer& there, bool with_bytes) {
  const auto told = [](const PlacedAnswer& answer) {
    return std::to_string(answer.status) + (answer.code.empty() ? "" : " " + answer.code) +
           (answer.status < 400 ? "" : " (" + answer.body.substr(0, 160) + ")");
  };
  if (here.status != there.status || here.code != there.code)
    return told(there) + " instead of " + told(here);
  if (!with_bytes) return {};
  const auto text = [&](const char* what, const std::string& one,
                        const std::string& other) -> std::string {
    if (one == other) return {};
    const auto at = static_cast<std::size_t>(
        std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first - one.begin());
    return std::string(what) + " " + around(other, at) + " instead of " + around(one, at) +
           ", from byte " + std::to_string(at);
  };
  const auto headers = [](const PlacedAnswer& answer) {
    std::string all;
    for (const auto& [name, value] : answer.headers) all += name + ": " + value + "\n";
    return all;
  };
  for (const std::string& found :
       {text("the headers", headers(here), headers(there)), text("the body", here.body, there.body),
        text("the jobs", here.jobs, there.jobs)})
    if (!found.empty()) return found;
  return {};
}

}  // namespace

void both_placements_byte_equal(const Task& task) {
  if (!task.hooks->place) throw Skip{"this program offers no isolated placement to compare with"};
  const World world = World::read(task.world);
  const testing::Manifest manifest = manifest_of(task.plugin);
  const Surroundings around_it = surroundings_of(world, manifest);
  const auto place = [&](Placement placement) {
    return task.hooks->place(task.plugin, placement, around_it);
  };
  activity("loading it in the host's process");
  const std::vector<Made> calls = improvised(*place(Placement::in_process), manifest, world, task);
  if (calls.empty()) throw Skip{"the manifest declares nothing to call"};

  // What the plugin draws from elsewhere shows here, and is not the placement's.
  std::vector<bool> steady;
  std::set<std::string> unsteady;
  {
    const auto again = place(Placement::in_process);
    for (const Made& made : calls) {
      activity("in the host's process, again: " + made.title);
      steady.push_back(difference(made.answer, again->send(made.call), true).empty());
      if (!steady.back()) unsteady.insert(made.title.substr(0, made.title.find(" (")));
    }
  }
  for (const auto& name : unsteady)
    Channel::instance().note(name +
                             " does not repeat its answers in the host's process either: compared "
                             "by status and error code only");

  activity("loading it in an isolated child");
  const auto there = place(Placement::isolated);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    activity("isolated: " + calls[i].title);
    const std::string found = difference(calls[i].answer, there->send(calls[i].call), steady[i]);
    if (found.empty()) continue;
    fail("Isolated, " + calls[i].title + " (call " + std::to_string(i + 1) + " of " +
         std::to_string(calls.size()) + ") answers " + found + ".");
    return;  // what follows from it is no second finding
  }
  const auto well = std::count_if(calls.begin(), calls.end(),
                                  [](const Made& made) { return made.answer.status < 300; });
  Channel::instance().note(std::to_string(calls.size()) + " calls in each placement, " +
                           std::to_string(well) + " of them answered with success");
}

}  // namespace serai::check
