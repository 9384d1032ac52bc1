// One tenant's data stays with it; what is asked twice is answered alike.
#include "../plan.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

std::string mark_of(Random& random, const char* name) {
  return std::string(name) + "q" + std::to_string(random() % 1'000'000'000) + "z";
}

bool contains(const Input& input, const std::string& mark) {
  if ((input.target() + input.body).find(mark) != std::string::npos) return true;
  for (const auto& part : input.parts)
    if ((part.data + part.name + part.file_name).find(mark) != std::string::npos) return true;
  return false;
}

void send_all(House& house, Plan& plan, const std::vector<Input>& script, const Who& who,
              const std::string& unwanted) {
  for (const Input& input : script) {
    if (contains(input, unwanted)) continue;
    plan.learn(house.send(input, who));
    house.run_jobs(who);
  }
}

// What an answer is made of, without the values.
std::string shape(const Json& value, int depth = 0) {
  if (depth > 20) return "...";
  if (value.is_object()) {
    std::string all = "{";
    for (const auto& [name, item] : value.items()) all += name + ":" + shape(item, depth + 1) + ",";
    return all + "}";
  }
  if (value.is_array()) {
    std::set<std::string> kinds;
    for (const Json& item : value) kinds.insert(shape(item, depth + 1));
    std::string all = "[";
    for (const auto& kind : kinds) all += kind + ",";
    return all + "]";
  }
  return value.type_name();
}

}  // namespace

void tenants_apart(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  Random random = task.random();
  for (int round = 0; round < 5; ++round) {
    House house(library, world);
    house.open();
    Who alice = everybody(house), bob = everybody(house);
    alice.mark = mark_of(random, "alices");
    bob.tenant = "tenant-b";
    bob.user = "bob";
    bob.mark = mark_of(random, "bobs");
    house.forbid(bob.tenant, alice.mark);
    house.forbid(alice.tenant, bob.mark);
    // Hers, marked; then the very calls that he makes too, so that a cache between them would
    // answer him with hers.
    Plan plan(house.manifest(), world, Random(random()));
    plan.mark(alice.mark);
    const auto hers = plan.script();
    plan.mark("");
    const auto plain = plan.script();
    send_all(house, plan, hers, alice, bob.mark);
    send_all(house, plan, plain, alice, bob.mark);
    send_all(house, plan, plain, bob, alice.mark);
    // By the names of her things, which somebody told him.
    for (int again = 0; again < 5; ++again) send_all(house, plan, plan.script(), bob, alice.mark);
    send_all(house, plan, plain, alice, bob.mark);
  }
}

void forgets_tenant(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  Random random = task.random();
  for (int round = 0; round < 5; ++round) {
    House house(library, world);
    house.open();
    Who alice = everybody(house);
    alice.mark = mark_of(random, "alices");
    Plan plan(house.manifest(), world, Random(random()));
    const auto plain = plan.script();
    plan.mark(alice.mark);
    send_all(house, plan, plan.script(), alice, "\n");
    plan.mark("");
    send_all(house, plan, plain, alice, "\n");
    house.forget_tenant(alice.tenant);
    house.wipe_tenant(alice.tenant);
    house.forbid(alice.tenant, alice.mark);
    Who successor = alice;
    successor.mark.clear();
    send_all(house, plan, plain, successor, alice.mark);
    house.forget_tenant(alice.tenant);
  }
}

void answers_repeat(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  std::vector<Answer> first;
  for (int time = 0; time < 2; ++time) {
    House house(library, world);
    house.open();
    Plan plan(house.manifest(), world, task.random());
    const auto script = plan.script();
    const auto answers = run_script(house, plan, script, everybody(house));
    for (std::size_t i = 0; i < first.size() && i < answers.size(); ++i) {
      const Answer &one = first[i], &other = answers[i];
      if (one.status != other.status || one.http != other.http)
        fail(script[i].name + " answers " + std::to_string(one.http) + " the first time and " +
             std::to_string(other.http) + " the second, with the same clock, ids and data.");
      else if (shape(Json::parse(one.body, nullptr, false)) !=
               shape(Json::parse(other.body, nullptr, false)))
        fail(script[i].name +
             " answers with other members the second time, with the same clock, "
             "ids and data.");
      else if (one.body != other.body)
        Channel::instance().note(script[i].name + " answers with other values the second time.");
    }
    first = answers;
  }
}

}  // namespace serai::check
