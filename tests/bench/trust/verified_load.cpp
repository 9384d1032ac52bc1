// What verification costs: read, check and hash a signed package into a sealed memfd, with the
// trust store read anew, against the same library taken unsigned and unasked, in a process that has
// the host's libraries. Of the real library of a large plugin, so that it is a size somebody has.
// Processor time and not the clock on the
// wall: the file is in the page cache, nothing waits, and a busy machine changes the least.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include <time.h>
#include <unistd.h>

#include "plugins/library.hpp"
#include "trust/keys.hpp"
#include "trust/package_file.hpp"
#include "trust/signature.hpp"

namespace {

namespace fs = std::filesystem;
using namespace host;

double processor_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// Median of several loads, in milliseconds of processor time; unloading is not in it.
double median_ms(const std::function<std::unique_ptr<plugins::Library>()>& load) {
  std::vector<double> times;
  for (int i = 0; i < 15; ++i) {
    const double begin = processor_ms();
    const auto library = load();
    times.push_back(processor_ms() - begin);
  }
  std::nth_element(times.begin(), times.begin() + 7, times.end());
  return times[7];
}

}  // namespace

int main() {
  const fs::path folder = fs::temp_directory_path() / ("serai-bench-" + std::to_string(::getpid()));
  fs::create_directories(folder / "trust");
  const auto key = trust::SecretKey::make();
  const auto day = std::chrono::hours(24);
  std::ofstream(folder / "trust" / "bench.yaml") << trust::to_text(
      trust::PublicKeyFile{key.public_key(), "bench", "core", now() - day, now() + day});
  const std::string plain = trust::pack(KNOWLEDGE);
  trust::Package package;
  if (!trust::parse_package(plain, package).empty()) return 1;
  const auto signature = trust::sign(key, package.hash(), now() - day, now() + day);
  const fs::path file = folder / "knowledge.seraiplugin";
  trust::replace_file(file, trust::with_signature(package, trust::to_text(signature)));
  const trust::Policy policy({folder / "trust"});

  const double mib = static_cast<double>(fs::file_size(KNOWLEDGE)) / (1 << 20);
  const double unasked = median_ms([] { return std::make_unique<plugins::Library>(KNOWLEDGE); });
  const double verified = median_ms([&] {
    auto library = std::make_unique<plugins::Library>(file, &policy);
    if (library->verdict().level != trust::Level::core) std::abort();
    return library;
  });
  const double mapped = median_ms([&] {
    auto library = std::make_unique<plugins::Library>(file, &policy);
    library->load();
    return library;
  });
  fs::remove_all(folder);
  std::printf("knowledge.so, %.1f MiB\n", mib);
  std::printf("read unasked          %8.3f ms   %6.3f ms/MiB\n", unasked, unasked / mib);
  std::printf("read and verified     %8.3f ms   %6.3f ms/MiB   %5.2f times\n", verified,
              verified / mib, verified / unasked);
  std::printf("verified and mapped   %8.3f ms   %6.3f ms/MiB\n", mapped, mapped / mib);
  std::printf("result\tverified load, processor ms a MiB\t%.2f\t<=\t3\n", mapped / mib);
  std::printf("result\tverified read against unasked, times\t%.2f\t=\t-\n", verified / unasked);
  return 0;
}
