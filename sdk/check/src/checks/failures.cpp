// The host says no: interfaces withheld, functions failing, no memory, no time left.
#include <algorithm>

#include "../allocation.hpp"
#include "../crash.hpp"
#include "../plan.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

// How long a sampled check goes on: well within its limit.
std::chrono::steady_clock::time_point enough(const Task& task) {
  return std::chrono::steady_clock::now() + task.time_limit / 2;
}

std::vector<std::string> interfaces(const testing::Manifest& manifest, const char* list) {
  return manifest.json().value(list, std::vector<std::string>());
}

constexpr serai_status kFailures[] = {SERAI_E_UNAVAILABLE, SERAI_E_INTERNAL,  SERAI_E_DEADLINE,
                                      SERAI_E_CONFLICT,    SERAI_E_TOO_LARGE, SERAI_E_NOT_FOUND,
                                      SERAI_E_DENIED,      SERAI_E_INVALID,   -4711};

void withhold(const Task& task, const Library& library, const World& world,
              const std::set<std::string>& names, bool optional) {
  std::string which;
  for (const auto& name : names) which += (which.empty() ? "" : ", ") + name;
  House house(library, world, names);
  if (house.create() < 0) {
    if (optional)
      fail("create() refuses without " + which + ", which the manifest calls optional.");
    return;
  }
  if (house.start() < 0) {
    if (optional) fail("start() refuses without " + which + ", which the manifest calls optional.");
    return;
  }
  Plan plan(house.manifest(), world, task.random());
  const auto script = plan.script();
  const auto answers = run_script(house, plan, script, everybody(house));
  for (std::size_t i = 0; optional && i < answers.size(); ++i) {
    if (answers[i].http == 500)
      fail(script[i].name + " fails with 500 without " + which +
           ", which the manifest calls optional: " + answers[i].detail);
  }
}

// A script of its own for every instance, the same each time.
void play(const Task& task, House& house, const World& world) {
  Plan plan(house.manifest(), world, task.random());
  run_script(house, plan, plan.script(), everybody(house));
}

}  // namespace

void interfaces_withheld(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  std::vector<std::string> required, optional;
  {
    const House house(library, world);
    required = interfaces(house.manifest(), "interfaces");
    optional = interfaces(house.manifest(), "optional_interfaces");
  }
  for (const auto& name : required) withhold(task, library, world, {name}, false);
  for (const auto& name : optional) withhold(task, library, world, {name}, true);
  std::set<std::string> all(required.begin(), required.end());
  all.insert(optional.begin(), optional.end());
  withhold(task, library, world, all, false);
}

void failing_host_calls(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  const auto end = enough(task);
  const auto run = [&](long at, serai_status status) {
    House house(library, world);
    house.injection.fail_at = at;
    house.injection.status = status;
    house.open();
    play(task, house, world);
    return house.injection.calls.load();
  };
  const long calls = run(0, SERAI_OK);
  if (calls == 0) throw Skip{"it calls no function of the host that could fail"};
  std::vector<long> numbers;
  for (long at = 1; at <= calls; ++at) numbers.push_back(at);
  Random random = task.random();
  std::shuffle(numbers.begin(), numbers.end(), random);
  std::size_t made = 0;
  // A failed call may lead to more: those beyond the first count are reached by the others' runs.
  for (; made < numbers.size() && std::chrono::steady_clock::now() < end; ++made) {
    const serai_status status = kFailures[random() % std::size(kFailures)];
    run(numbers[made], status);
  }
  // What time is left goes to the other statuses: as random as fuzzing, and as long at most.
  const auto last = std::min(end, std::chrono::steady_clock::now() + task.fuzz_time);
  std::size_t again = 0;
  while (std::chrono::steady_clock::now() < last && again < 3 * numbers.size())
    run(numbers[again++ % numbers.size()], kFailures[random() % std::size(kFailures)]);
  Channel::instance().note(std::to_string(made) + " of " + std::to_string(calls) +
                           " host calls made to fail, " + std::to_string(again) +
                           " of them again with another status");
}

void gives_up_after_deadline(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  for (long at : {1L, 2L, 3L, 5L, 8L}) {
    House house(library, world);
    house.open();
    Plan plan(house.manifest(), world, task.random());
    const Who who = everybody(house);
    for (const Input& input : plan.script()) {
      house.injection.calls = 0;
      house.injection.fail_at = at;
      house.injection.overdue = true;
      house.injection.status = SERAI_E_DEADLINE;
      judge(input, house.send(input, who));
      if (house.injection.calls > 1000)
        fail(input.name + " goes on asking the host after its deadline: " +
             std::to_string(house.injection.calls) + " calls.");
    }
  }
}

namespace {

// One life with the `at`th allocation failing, and with `sticky` all after it until the call in
// which it happens is over. The number of allocations there were.
long live(const Task& task, const Library& library, const World& world, long at, bool sticky) {
  House house(library, world);
  fail_allocation(at, sticky);
  const bool runs = house.create() >= 0 && house.start() >= 0;
  const auto end_of_want = [&] {
    if (sticky && at != 0 && allocations() >= at) fail_allocation(0, false);
  };
  end_of_want();
  if (runs) {
    Plan plan(house.manifest(), world, task.random());
    const Who who = everybody(house);
    for (const Input& input : plan.script()) {
      judge(input, house.send(input, who));
      end_of_want();
      house.run_jobs(who);
      end_of_want();
    }
  }
  const long made = allocations();
  fail_allocation(0, false);
  return made;
}

}  // namespace

void failing_allocations(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  if (redirect_allocations(library) == 0) throw Skip{"it allocates no memory"};
  const auto end = enough(task);
  const long total = live(task, library, world, 0, false);
  if (total == 0) throw Skip{"it allocates no memory while it is called"};
  Random random = task.random();
  long made = 0, terminated = 0, crashed = 0;
  for (; made < std::min(2 * total, 400L) && std::chrono::steady_clock::now() < end && crashed < 5;
       ++made) {
    // The first ones in turn: they are those of create() and start(), which every plugin has.
    const long at = made < 60 ? 1 + made % total
                              : 1 + static_cast<long>(random() % static_cast<std::uint64_t>(total));
    const bool sticky = made % 2 == 1;
    const Ending ending = in_fork([&] { live(task, library, world, at, sticky); });
    terminated += ending == Ending::terminated;
    if (ending != Ending::crashed) continue;
    ++crashed;
    fail("It dies when allocation " + std::to_string(at) + " of " + std::to_string(total) +
         " fails: " + Channel::instance().take_fault() +
         " At: " + Channel::instance().last_activity());
  }
  Channel::instance().note(std::to_string(made) + " failures at " + std::to_string(total) +
                           " allocations");
  if (terminated > 0)
    Channel::instance().note(
        std::to_string(terminated) +
        " of them ended in std::terminate: a destructor or another function that must not throw "
        "needed memory (the destructor of nlohmann::json does)");
}

void exceptions_stay_inside(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  // Rubbish in, every host function failing at some time, then no memory: whatever can be thrown.
  {
    House house(library, world);
    house.open();
    house.improvise(task.seed + 1);
    Plan plan(house.manifest(), world, task.random());
    const Who who = everybody(house);
    for (int round = 0; round < 100; ++round) {
      for (const Input& skeleton : plan.skeletons()) {
        house.injection.calls = 0;
        house.injection.fail_at = round % 8;
        house.injection.status = kFailures[static_cast<std::size_t>(round) % std::size(kFailures)];
        const Answer answer =
            house.send(round % 2 == 0 ? plan.valid(skeleton) : plan.invalid(skeleton), who);
        plan.learn(answer);
      }
    }
  }
  if (redirect_allocations(library) == 0) return;
  // Only large allocations fail, as they do first when memory runs out: those of destructors, which
  // may not throw, are small.
  House house(library, world);
  house.open();
  Plan plan(house.manifest(), world, task.random());
  const Who who = everybody(house);
  const std::string text(2 << 20, 'a');
  for (const Input& skeleton : plan.skeletons()) {
    for (int round = 0; round < 8; ++round) {
      Input input = plan.valid(skeleton);
      Json body = Json::parse(input.body, nullptr, false);
      if (body.is_object() && round % 2 == 0) {
        for (auto& value : body)
          if (value.is_string()) value = text;
        input.body = dump_json(body);
      } else {
        input.body = "\"" + text + "\"";
      }
      for (auto& [name, value] : input.path_parameters) value = text;
      for (auto& part : input.parts) part.data = text;
      fail_allocation(1 + round / 2, true, 256 << 10);
      house.send(input, who);
      fail_allocation(0, false);
    }
  }
}

}  // namespace serai::check
