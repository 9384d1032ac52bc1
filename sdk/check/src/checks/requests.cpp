// What comes in: what the manifest allows, and what it does not.
#include "../plan.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

constexpr int kRounds = 15;

// A plugin that runs, and the calls to make of it.
struct Bench {
  explicit Bench(const Task& task)
      : end(std::chrono::steady_clock::now() + task.time_limit / 2),
        world(World::read(task.world)),
        library(task.plugin),
        house(library, world),
        plan(house.manifest(), world, task.random()) {
    house.open();
    who = everybody(house);
  }
  // Half of the limit is over: what is repeated need not be repeated more.
  bool enough() const { return std::chrono::steady_clock::now() > end; }
  void send(const Input& input) {
    const Answer answer = house.send(input, who);
    judge(input, answer);
    plan.learn(answer);
    house.run_jobs(who);
  }
  std::chrono::steady_clock::time_point end;
  World world;
  Library library;
  House house;
  Plan plan;
  Who who;
};

std::string nested(const char* open, const char* close, std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

}  // namespace

void valid_requests(const Task& task) {
  Bench bench(task);
  for (int round = 0; round < kRounds && !bench.enough(); ++round) {
    // First the world as it is, then also what nobody expects of it.
    bench.house.improvise(round < 3 ? 0 : task.seed + static_cast<std::uint64_t>(round));
    run_script(bench.house, bench.plan, bench.plan.script(), bench.who);
  }
}

void empty_input(const Task& task) {
  Bench bench(task);
  for (Input input : bench.plan.skeletons()) {
    input.admissible = input.kind == SERAI_HANDLER_SERVICE;
    bench.send(input);  // nothing at all: no parameter, no header, no body
    Input empty = bench.plan.valid(input);
    empty.admissible = input.admissible;
    empty.body.clear();
    for (auto& [name, value] : empty.path_parameters) value.clear();
    for (auto& [name, value] : empty.query) value.clear();
    for (auto& part : empty.parts) part = {"", "", "", ""};
    bench.send(empty);
  }
}

void huge_input(const Task& task) {
  Bench bench(task);
  const std::string megabytes(2 << 20, 'a');
  std::string numbers = "[0";
  for (int i = 0; i < 300'000; ++i) numbers += ",1";
  numbers += "]";
  std::string members = "{\"a\":0";
  for (int i = 0; i < 50'000; ++i) members += ",\"k" + std::to_string(i) + "\":1";
  members += "}";
  for (const Input& skeleton : bench.plan.skeletons()) {
    Input input = bench.plan.valid(skeleton);
    input.admissible = false;
    // What a schema bounds is bounded before it comes here: a little beyond is enough.
    const std::string text =
        skeleton.declared->contains("body") ? megabytes.substr(0, 100'000) : megabytes;
    for (const auto& body : {"\"" + text + "\"", numbers, members, text}) {
      input.body = body;
      bench.send(input);
    }
    // Every text of a valid body, blown up.
    Json body = Json::parse(bench.plan.valid(skeleton).body, nullptr, false);
    if (body.is_object()) {
      for (auto& value : body)
        if (value.is_string()) value = text;
      input.body = dump_json(body);
      bench.send(input);
    }
    if (input.kind != SERAI_HANDLER_ROUTE) continue;
    for (auto& [name, value] : input.path_parameters) value = text.substr(0, 65'536);
    for (auto& [name, value] : input.query) value = text.substr(0, 65'536);
    for (int i = 0; i < 2000; ++i) input.query.emplace_back("q" + std::to_string(i), "1");
    for (int i = 0; i < 200; ++i) input.headers.emplace_back("x-h" + std::to_string(i), "1");
    input.headers.emplace_back("x-large", text.substr(0, 65'536));
    for (auto& part : input.parts) part.data = text;
    bench.send(input);
  }
}

void deeply_nested_input(const Task& task) {
  Bench bench(task);
  constexpr std::size_t kDepth = 200'000;
  const std::string bodies[] = {nested("[", "]", kDepth), nested("{\"a\":", "}", 50'000),
                                nested("[{\"a\":", "}]", 50'000), std::string(kDepth, '['),
                                "{\"a\":" + std::string(kDepth, '{')};
  for (const Input& skeleton : bench.plan.skeletons()) {
    for (const std::string& body : bodies) {
      Input input = bench.plan.valid(skeleton);
      input.admissible = input.kind == SERAI_HANDLER_SERVICE;
      input.body = body;
      for (auto& part : input.parts) part.data = body;
      bench.send(input);
    }
    // Where the plugin looks: below each member of a valid body.
    const Json valid = Json::parse(bench.plan.valid(skeleton).body, nullptr, false);
    if (!valid.is_object()) continue;
    for (const auto& member : valid.items()) {
      Input input = bench.plan.valid(skeleton);
      input.admissible = input.kind == SERAI_HANDLER_SERVICE;
      input.body = "{" + Json(member.key()).dump() + ":" + bodies[0] + "}";
      bench.send(input);
    }
  }
}

void invalid_requests(const Task& task) {
  Bench bench(task);
  run_script(bench.house, bench.plan, bench.plan.script(), bench.who);
  for (int round = 0; round < 20 * kRounds && !bench.enough(); ++round) {
    for (const Input& skeleton : bench.plan.skeletons())
      if (skeleton.kind == SERAI_HANDLER_ROUTE) bench.send(bench.plan.invalid(skeleton));
  }
}

void invalid_messages(const Task& task) {
  Bench bench(task);
  bool any = false;
  run_script(bench.house, bench.plan, bench.plan.script(), bench.who);
  for (int round = 0; round < 20 * kRounds && !bench.enough(); ++round) {
    for (const Input& skeleton : bench.plan.skeletons()) {
      if (skeleton.kind == SERAI_HANDLER_ROUTE) continue;
      any = true;
      bench.send(bench.plan.invalid(skeleton));
    }
  }
  if (!any) throw Skip{"the manifest declares no job, event or service"};
}

void watched(const Task& task) {
  Bench bench(task);
  for (int round = 0; round < kRounds && !bench.enough(); ++round) {
    bench.house.improvise(round % 2 == 0 ? 0 : task.seed + static_cast<std::uint64_t>(round));
    run_script(bench.house, bench.plan, bench.plan.script(), bench.who);
    for (const Input& skeleton : bench.plan.skeletons()) bench.send(bench.plan.invalid(skeleton));
  }
  bench.house.forget_tenant(bench.who.tenant);
  bench.house.stop();
  bench.house.destroy();
}

void fuzz(const Task& task) {
  const auto end = std::chrono::steady_clock::now() + task.fuzz_time;
  const World world = World::read(task.world);
  const Library library(task.plugin);
  Random random = task.random();
  long calls = 0;
  while (std::chrono::steady_clock::now() < end) {
    House house(library, world);
    house.open();
    house.improvise(random());
    Plan plan(house.manifest(), world, Random(random()));
    Who who = everybody(house);
    const auto script = plan.script();
    run_script(house, plan, script, who);
    const auto skeletons = plan.skeletons();
    bool polluted = false;
    for (int i = 0; i < 400 && std::chrono::steady_clock::now() < end; ++i) {
      Input input = random() % 3 == 0 && !script.empty() ? script[random() % script.size()]
                                                         : skeletons[random() % skeletons.size()];
      const bool complete = !input.body.empty() || !input.parts.empty() || input.query.size() > 0;
      if (complete) {
        input.admissible = input.kind == SERAI_HANDLER_SERVICE;
        Json body = Json::parse(input.body, nullptr, false);
        input.body = random() % 2 == 0 || body.is_discarded()
                         ? mutated(random, input.body)
                         : dump_json(mutated(random, std::move(body)));
        for (auto& [name, value] : input.query) value = mutated_text(random, value);
        for (auto& part : input.parts) part.data = mutated(random, part.data);
      } else {
        input = random() % 4 == 0 ? plan.valid(input) : plan.invalid(input);
      }
      who.tenant = random() % 4 == 0 ? "tenant-b" : "tenant-a";
      // What the host would have refused may lie in the tables now: then 500 proves nothing.
      if (polluted) input.admissible = false;
      const Answer answer = house.send(input, who);
      polluted |= !input.admissible && answer.http < 300;
      judge(input, answer);
      plan.learn(answer);
      house.run_jobs(who, 20);
      ++calls;
    }
  }
  Channel::instance().note(std::to_string(calls) + " calls");
}

}  // namespace serai::check
