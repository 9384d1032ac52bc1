// `serai plugin dev DIR`: build, load, watch, reload on save, with the plugin's log in the
// terminal. One thread: everything that can happen (a file saved, a build ended, a log line,
// Ctrl-C) is a descriptor in one poll(). Nothing that fails here takes the last good version away.
#include "cli/plugin_dev.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/dev/dev_host.hpp"
#include "cli/dev/log_view.hpp"
#include "cli/dev/route_lines.hpp"
#include "cli/dev/source_watch.hpp"
#include "cli/dev/workshop.hpp"
#include "cli/profile_options.hpp"
#include "plugins/library.hpp"

namespace host::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kQuietMs = 80;  // an editor that saves several files is one change

int stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  (void)::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// What has run on the demo tenant's data cannot be taken back by another text of the same number.
bool rewrites_migrations(const plugins::Manifest& before, const plugins::Manifest& after) {
  const auto& old = before.migrations.migrations;
  const auto& now = after.migrations.migrations;
  return now.size() < old.size() ||
         !std::equal(old.begin(), old.end(), now.begin(),
                     [](const auto& a, const auto& b) { return a.name == b.name && a.up == b.up; });
}

class Bench {
 public:
  Bench(const PluginDevOptions& options, int signals)
      : signals_(signals),
        shop_(options.directory, options.build, options.sdk),
        host_({shop_.id(), options.listen, settings_of(options), options.with}),
        watch_(shop_.folder(), shop_.build_folder()) {}

  int run() {
    say("Watching " + shop_.folder().string() + "; Ctrl-C ends it.");
    build();
    while (!stopping_) turn();
    say("Ending.");
    build_.reset();
    host_.stop(true);
    return 0;
  }

 private:
  static nlohmann::json settings_of(const PluginDevOptions& options) {
    auto settings = nlohmann::json::object();
    for (const auto& pair : options.settings) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos)
        throw std::runtime_error("--set takes name=value, not " + pair);
      auto value = nlohmann::json::parse(pair.substr(equals + 1), nullptr, false);
      settings[pair.substr(0, equals)] =
          value.is_discarded() ? nlohmann::json(pair.substr(equals + 1)) : std::move(value);
    }
    return settings;
  }

  static void say(const std::string& sentence) { std::cout << "dev: " << sentence << std::endl; }

  std::string seconds() const {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1)
        << std::chrono::duration<double>(Clock::now() - began_).count() << " s";
    return out.str();
  }

  // Waits until something happens, and does what it asks for.
  void turn() {
    std::array<pollfd, 5> wanted{{{signals_, POLLIN, 0},
                                  {watch_.descriptor(), POLLIN, 0},
                                  {build_ ? build_->output() : -1, POLLIN, 0},
                                  {host_.running() ? host_.output() : -1, POLLIN, 0},
                                  {answer_ ? answered_ : -1, POLLIN, 0}}};
    const bool waits_for_quiet = changed_ && !build_ && !answer_;
    const int ready = ::poll(wanted.data(), wanted.size(), waits_for_quiet ? kQuietMs : -1);
    if (wanted[0].revents) stopping_ = true;
    if (stopping_) return;
    if (wanted[1].revents) {
      if (const auto file = watch_.changed(); !file.empty()) {
        changed_ = true;
        last_changed_ = file;
      }
    }
    if (wanted[2].revents && !build_->read(build_output_)) built();
    if (wanted[3].revents) listen_to_host();
    if (wanted[4].revents) hear();
    if (ready == 0 && waits_for_quiet) {
      say(fs::relative(last_changed_, shop_.folder()).string() + " changed, building.");
      build();
    }
  }

  void build() {
    changed_ = false;
    build_output_.clear();
    began_ = Clock::now();
    build_ = shop_.start_build();
  }

  // The host is asked on another thread: it may be waiting for us to read its log.
  void ask(std::function<std::function<void()>()> question) {
    answer_ = std::make_unique<std::function<void()>>();
    asking_ = std::jthread([this, question = std::move(question)] {
      try {
        *answer_ = question();
      } catch (const std::exception& error) {
        *answer_ = [text = std::string(error.what())] { say("The host gave no answer: " + text); };
      }
      ::eventfd_write(answered_, 1);
    });
  }
  void hear() {
    eventfd_t ignored;
    ::eventfd_read(answered_, &ignored);
    asking_.join();
    const auto answer = std::move(answer_);
    (*answer)();
  }

  void built() {
    const int status = build_->wait();
    build_.reset();
    const std::string words = compiler_words(build_output_);
    if (!words.empty()) std::cout << words;
    if (status != 0) {
      say("The build failed" + goes_on());
    } else if (!fs::exists(shop_.plugin_file())) {
      say("The build made no " + shop_.plugin_file().string() +
          "; the target of serai_add_plugin() must be called " + shop_.id() + ".");
    } else if (answer_) {
      changed_ = true;  // the host is being asked something: once more when it has answered
    } else {
      load();
    }
  }

  std::string goes_on() const {
    return running_ ? "; the last good version goes on answering." : "; waiting for a change.";
  }

  void load() {
    const auto written = fs::last_write_time(shop_.plugin_file());
    if (host_.running() && loaded_ == written) return say("Nothing to build" + goes_on());
    loaded_ = written;
    auto parsed = plugins::read_manifest(shop_.plugin_file());
    host_.place(shop_.plugin_file());
    const bool afresh = running_ && parsed.faults.empty() &&
                        rewrites_migrations(running_->manifest, parsed.manifest);
    next_ = std::make_unique<plugins::ParsedManifest>(std::move(parsed));
    if (afresh) {
      say("A migration that had run was changed: starting again with empty tables.");
      host_.stop(true);
    }
    if (!host_.running()) {
      if (afresh) running_.reset();
      host_.start();
      return;
    }
    if (!host_.ready()) {  // still starting: it may have read the file before
      host_.stop(false);
      host_.start();
      return;
    }
    ask([this]() -> std::function<void()> {
      return [this, fault = host_.reload()] { loaded(fault); };
    });
  }

  void loaded(const std::string& fault) {
    if (!fault.empty()) return say("Not loaded: " + fault + goes_on());
    say("Built and loaded in " + seconds() + ".");
    took_over();
  }

  // The plugin runs as `next_` describes it.
  void took_over() {
    const std::string lines = route_lines(next_->manifest, url_);
    const bool is_new = !running_ || lines != route_lines(running_->manifest, url_);
    running_ = std::move(next_);
    if (is_new) std::cout << '\n' << lines << std::endl;
  }

  void listen_to_host() {
    std::vector<std::string> lines;
    std::string ended;
    const bool was_ready = host_.ready();
    const bool lives = host_.read(lines, ended);
    for (const auto& line : lines) {
      const auto text = log_line(line, shop_.id());
      if (!text.empty()) std::cout << text << std::endl;
    }
    if (!lives) {
      running_.reset();
      loaded_.reset();
      say("The host ended with " + ended + "; it starts again after the next good build.");
    } else if (!was_ready && host_.ready()) {
      ask([this]() -> std::function<void()> {
        return [this, demo = host_.demo()] { opened(demo); };
      });
    }
  }

  void opened(const DevHost::Demo& demo) {
    url_ = demo.url;
    std::cout << "\nURL=" << demo.url << "\nTOKEN=" << demo.token << "\n# signed in as "
              << demo.email << " (password " << demo.password << ") of the tenant " << demo.tenant
              << "\n\n";
    loaded(demo.fault);
  }

  int signals_;
  Workshop shop_;
  DevHost host_;
  SourceWatch watch_;
  std::unique_ptr<Child> build_;
  std::string build_output_, url_;
  Clock::time_point began_;
  std::optional<fs::file_time_type> loaded_;
  std::unique_ptr<plugins::ParsedManifest> running_, next_;
  fs::path last_changed_;
  bool changed_ = false, stopping_ = false;
  const int answered_ = ::eventfd(0, EFD_CLOEXEC);
  std::unique_ptr<std::function<void()>> answer_;  // while the host is being asked
  std::jthread asking_;                            // last: joined before what it uses goes
};

}  // namespace

int plugin_dev(const PluginDevOptions& options) {
  const int signals = stop_signals();
  if (signals < 0) throw std::runtime_error("signals cannot be waited for");
  PluginDevOptions filled = options;
  if (filled.sdk.empty()) filled.sdk = fs::canonical(executable_directory() / "..");
  return Bench(filled, signals).run();
}

}  // namespace host::cli
