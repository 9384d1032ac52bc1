// Loading, the functions of a plugin's life in every allowed order, and what is left behind.
#include <filesystem>

#include "../plan.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

constexpr int kCycles = 50;

std::size_t threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    ++count;
  return count;
}

}  // namespace

void loads_and_unloads(const Task& task) {
  const World world = World::read(task.world);
  for (int cycle = 1; cycle <= kCycles; ++cycle) {
    activity("load cycle " + std::to_string(cycle));
    {
      const Library library(task.plugin);
      House house(library, world);
      house.open();
      Plan plan(house.manifest(), world, task.random());
      run_script(house, plan, plan.script(), everybody(house));
    }
    if (Library::is_mapped(task.plugin)) {
      fail("It stays mapped after dlclose() in cycle " + std::to_string(cycle) + " of " +
           std::to_string(kCycles) +
           ": a unique symbol, a thread_local with a destructor or a handle of its own holds it.");
      return;
    }
  }
}

void handlers_resolve(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  House house(library, world);
  if (house.create() < 0) throw std::runtime_error("create() refuses: " + house.error());
  const Plan plan(house.manifest(), world, task.random());
  for (const Input& declared : plan.skeletons()) {
    const std::int32_t number = house.resolve(declared.kind, declared.handler);
    if (number < 0)
      fail("The manifest's " + declared.name + " names the handler " + declared.handler +
           ", which the code does not have.");
    if (number != house.resolve(declared.kind, declared.handler))
      fail("resolve() gives another number the second time for " + declared.handler + ".");
  }
  for (const char* unknown : {"", "no_such_handler", "\xff\xfe", "a b"}) {
    for (const std::uint32_t kind : {0U, 1U, 2U, 3U, 4U, 99U, 0xFFFFFFFFU})
      if (house.resolve(kind, unknown) >= 0)
        fail("resolve() knows the handler \"" + std::string(unknown) +
             "\", which nobody declared.");
  }
  house.resolve(SERAI_HANDLER_ROUTE, std::string(1 << 20, 'x'));
}

void lifecycle_orders(const Task& task) {
  const Library library(task.plugin);
  const World world = World::read(task.world);
  const auto create = [&](House& house) {
    if (house.create() < 0) throw std::runtime_error("create() refuses: " + house.error());
  };
  for (int round = 0; round < 3; ++round) {
    {
      House house(library, world);  // destroyed without start
      create(house);
    }
    {
      House house(library, world);  // started and stopped without a call
      create(house);
      if (house.start() < 0) throw std::runtime_error("start() refuses.");
    }
    {
      House house(library, world);  // another instance in the same image
      house.open();
      house.forget_tenant("tenant-nobody-knows");
      house.forget_tenant("");
      Plan plan(house.manifest(), world, task.random());
      run_script(house, plan, plan.script(), everybody(house));
    }
  }
}

void leaves_no_thread(const Task& task) {
  const std::size_t before = threads();
  const World world = World::read(task.world);
  {
    const Library library(task.plugin);
    House house(library, world);
    house.open();
    Plan plan(house.manifest(), world, task.random());
    run_script(house, plan, plan.script(), everybody(house));
    house.stop();
    // A joined thread may be listed for a moment longer.
    std::size_t now = threads();
    for (int i = 0; i < 1000 && now > before; ++i) {
      std::this_thread::yield();
      now = threads();
    }
    if (now > before) {
      fail(std::to_string(now - before) +
           " thread(s) of it still run after stop(); the code they run would be unmapped.");
      Channel::instance().finish();
      std::_Exit(0);  // unloading now would be a crash that hides the finding
    }
  }
}

}  // namespace serai::check
