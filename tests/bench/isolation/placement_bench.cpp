// The same no-op plugin in-process and in a confined process, in one run: what a call costs more
// when both sides are awake, what when the child has gone to sleep, and how soon a plugin whose
// process was killed answers again. And a plugin that misbehaves beside one that does not: how long
// after its limit it is stopped, and what the other's slowest calls notice of it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "bench/noop/noop_call.hpp"
#include "observe/log.hpp"
#include "plugins/registry.hpp"

namespace {

using namespace host;
using Clock = std::chrono::steady_clock;

class Placed {
 public:
  explicit Placed(bool isolated) : body_(200, 'x') {
    plugins::RegistryOptions options;
    plugins::Grant grant;
    grant.id = "noop";
    grant.isolation.isolated = isolated;
    options.grants = {grant};
    registry_ = std::make_unique<plugins::Registry>(plugins::Rooms{}, options);
    registry_->load_files({PROBE_NOOP});
    target_ = registry_->routes().at(0).target;
    request_ = bench::noop_request(body_);
  }

  // Microseconds.
  double call() {
    const auto begin = Clock::now();
    registry_->call_route(token_, target_, request_);
    return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
  }

 private:
  std::string body_;
  std::unique_ptr<plugins::Registry> registry_;
  plugins::RouteTarget target_;
  plugins::RouteRequest request_;
  const CallToken token_ = bench::make_token();
};

// The plugin that does everything wrong, isolated.
class Offender {
 public:
  Offender() {
    plugins::RegistryOptions options;
    plugins::Grant grant;
    grant.id = "hostile";
    grant.isolation.isolated = true;
    grant.isolation.max_failures = 1'000'000;
    options.grants = {grant};
    registry_ = std::make_unique<plugins::Registry>(plugins::Rooms{}, options);
    registry_->load_files({HOSTILE});
  }

  // Milliseconds from the call's deadline to its end.
  double overrun(const std::string& wrong, std::chrono::milliseconds limit) {
    plugins::RouteTarget target;
    for (const auto& route : registry_->routes())
      if (route.route.handler == wrong) target = route.target;
    const auto token = bench::make_token(limit);
    plugins::RouteRequest request;
    request.method = "POST";
    const std::string path = "/api/v1/hostile/" + wrong;
    request.path = path;
    request.body = "{}";
    try {
      registry_->call_route(token, target, request);
    } catch (const Problem&) {
    }
    return std::chrono::duration<double, std::milli>(Clock::now() - token.deadline()).count();
  }

 private:
  std::unique_ptr<plugins::Registry> registry_;
};

double quantile(std::vector<double> values, double part) {
  const auto at = static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * part);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

// The in-process plugin's 99th percentile for half a second, microseconds.
double slowest(Placed& plugin) {
  std::vector<double> times;
  const auto end = Clock::now() + std::chrono::milliseconds(500);
  while (Clock::now() < end) times.push_back(plugin.call());
  return quantile(std::move(times), 0.99);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

double median_of_calls(Placed& plugin, int count, std::chrono::microseconds rest) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    if (rest.count() > 0) std::this_thread::sleep_for(rest);
    times.push_back(plugin.call());
  }
  return median(std::move(times));
}

// Difference of the medians of interleaved rounds, and its median.
double added(Placed& inside, Placed& isolated, int rounds, int calls,
             std::chrono::microseconds rest) {
  std::vector<double> differences;
  for (int i = 0; i < rounds; ++i)
    differences.push_back(median_of_calls(isolated, calls, rest) -
                          median_of_calls(inside, calls, rest));
  return median(std::move(differences));
}

// The one child of this process.
pid_t child() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    pid_t pid = 0;
    if (children >> pid) return pid;
  }
  return 0;
}

// From the kill to the first answer, milliseconds.
double respawn() {
  Placed plugin(true);
  plugin.call();
  const auto begin = Clock::now();
  ::kill(child(), SIGKILL);
  for (;;) try {
      plugin.call();
      return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    } catch (const Problem&) {
      std::this_thread::yield();
    }
}

}  // namespace

int main() {
  observe::set_level(observe::Level::error);
  std::vector<double> respawns;
  // The keeper says once for each that a process failed: expected here.
  for (int i = 0; i < 15; ++i) respawns.push_back(respawn());
  Offender offender;
  std::vector<double> overruns, neighbour;
  for (int i = 0; i < 9; ++i)
    overruns.push_back(offender.overrun("spin", std::chrono::milliseconds(100)));
  Placed inside(false), isolated(true);
  // In turn: alone, and beside a plugin that spins, floods the log and dies.
  for (int i = 0; i < 7; ++i) {
    const double alone = slowest(inside);
    std::atomic<bool> over{false};
    std::jthread wrong([&] {
      const char* const ways[] = {"spin", "log", "crash", "hog"};
      for (unsigned way = 0; !over; ++way)
        offender.overrun(ways[way % 4], std::chrono::milliseconds(50));
    });
    neighbour.push_back(slowest(inside) / alone);
    over = true;
  }
  const double awake = added(inside, isolated, 21, 4000, std::chrono::microseconds(0));
  const double asleep = added(inside, isolated, 5, 200, std::chrono::microseconds(2000));
  std::printf("result\tisolated call above in-process, spinning, us\t%.2f\t<=\t3\n", awake);
  std::printf("result\tisolated call above in-process, asleep, us\t%.1f\t<=\t90\n", asleep);
  std::printf("result\tlimit of a spinning plugin to its end, ms\t%.1f\t<=\t100\n",
              quantile(overruns, 1));
  std::printf("result\tneighbour's p99 beside an offender / alone\t%.2f\t<=\t1.1\n",
              median(neighbour));
  std::printf("result\tkilled process to next answer, ms\t%.1f\t<=\t10\n", median(respawns));
}
