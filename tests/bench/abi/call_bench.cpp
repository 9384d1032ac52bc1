// What a request call over the ABI costs above the same work behind a plain function: 8 headers and
// a 200-byte body in, two bytes out. Prints the ratio and the difference.
#include <cstdio>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/noop/noop_call.hpp"
#include "plugins/registry.hpp"

namespace {

using namespace host;

struct House {
  House() : body(200, 'x') {
    plugins::RegistryOptions options;
    options.grants = {{"noop"}};
    registry = std::make_unique<plugins::Registry>(plugins::Rooms{}, options);
    registry->load_files({PROBE_NOOP});
    target = registry->routes().at(0).target;
    request = bench::noop_request(body);
  }
  std::string body;
  std::unique_ptr<plugins::Registry> registry;
  plugins::RouteTarget target;
  plugins::RouteRequest request;
};

House& house() {
  static House house;
  return house;
}

[[gnu::noinline]] plugins::RouteReply direct(const CallToken& token,
                                             const plugins::RouteRequest& request) {
  benchmark::DoNotOptimize(&token);
  benchmark::DoNotOptimize(request.body.data());
  plugins::RouteReply reply;
  reply.status = 200;
  reply.body.assign("ok");
  return reply;
}

void direct_call(benchmark::State& state) {
  const CallToken token = bench::make_token();
  const auto& request = house().request;
  for (auto _ : state) benchmark::DoNotOptimize(direct(token, request));
}

void abi_call(benchmark::State& state) {
  const CallToken token = bench::make_token();
  House& all = house();
  for (auto _ : state)
    benchmark::DoNotOptimize(all.registry->call_route(token, all.target, all.request));
}

BENCHMARK(direct_call)->Threads(1)->Threads(2);
BENCHMARK(abi_call)->Threads(1)->Threads(2);

// Remembers the medians so that they can be compared at the end.
class Compare : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const auto& run : runs) {
      if (run.aggregate_name != "median" || run.threads != 1) continue;
      const double time = run.GetAdjustedCPUTime();
      (run.benchmark_name().starts_with("direct") ? direct_ : abi_) = time;
    }
  }
  void conclude() const {
    std::printf("abi/direct = %.1f\n", abi_ / direct_);
    std::printf("result\tcall over the ABI - direct call, ns\t%.1f\t<=\t60\n", abi_ - direct_);
  }

 private:
  double direct_ = 0, abi_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::string repetitions = "--benchmark_repetitions=9", time = "--benchmark_min_time=0.2";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, {repetitions.data(), time.data()});
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  Compare reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.conclude();
}
