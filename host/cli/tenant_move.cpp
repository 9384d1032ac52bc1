// serai tenant move: from one running host to another, whatever their engines. Both go on serving;
// the tenant only reads for the moment in which the last changes cross. Until the source has been
// told that the tenant has left, every failure, Ctrl-C included, leaves it there as it was.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/admin_client.hpp"
#include "cli/secret_source.hpp"
#include "http/spooled_file.hpp"
#include "moves/moves.hpp"
#include "moves/sealed_stream.hpp"

namespace host::cli {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

constexpr std::size_t kPiece = 8UL << 20;
// Fewer changed rows than this cross in a small part of a second.
constexpr std::int64_t kFewChanges = 200;
constexpr int kRounds = 8;
// How long one answer is waited for when it is asked whether the tenant was let in.
constexpr std::chrono::seconds kAsk{2};
// For what a host has to do in a moment, or may leave undone.
constexpr std::chrono::seconds kShort{20};

std::atomic<bool> interrupted{false};
const std::atomic<bool> kNever{false};
void on_signal(int) { interrupted = true; }

// Ctrl-C ends what can be ended, and no more.
class Interruptible {
 public:
  Interruptible() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, &before_int_);
    sigaction(SIGTERM, &action, &before_term_);
  }
  ~Interruptible() {
    sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &before_term_, nullptr);
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  struct sigaction before_int_ {
  }, before_term_{};
};

void check_interrupted() {
  if (interrupted) throw std::runtime_error("interrupted");
}

const HttpClient::Fields kJson{{"Content-Type", "application/json"}};

double seconds(steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

std::string path_part(const std::string& id) {
  for (const char c : id)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
      throw std::runtime_error("there is no tenant " + id);
  return id;
}

class TenantMove {
 public:
  TenantMove(HttpClient from, HttpClient to, const std::string& tenant, std::string to_name,
             std::chrono::seconds patience)
      : from_(std::move(from)),
        to_(std::move(to)),
        tenant_(path_part(tenant)),
        to_name_(std::move(to_name)),
        key_(moves::StreamKey::random()),
        fields_{{"X-Archive-Key", key_.hex()}},
        patience_(patience) {
    for (auto* host : {&from_, &to_}) {
      host->stop_when(interrupted);
      host->give_up_after(patience);
    }
  }

  void run() {
    try {
      begin();
      copy();
      catch_up();
      pause_and_cross();
    } catch (...) {
      give_up();
      throw;
    }
    hand_over();
  }

 private:
  std::string source() const { return "/api/v1/admin/tenants/" + tenant_ + "/move"; }
  std::string target() const { return "/api/v1/admin/imports"; }

  void begin() {
    move_ = checked(from_.transfer("POST", source(), {}))["data"]["move"];
    import_ = checked(to_.transfer("POST", target(), {.more = fields_}))["data"]["import"];
  }

  void copy() {
    const auto started = steady_clock::now();
    http::SpooledFile file;  // without a name: nothing is left behind
    const auto answer = from_.transfer(
        "POST", source() + "/" + move_ + "/copy",
        {.more = fields_, .out = [&](std::string_view bytes) { file.append(bytes); }});
    if (answer.status != 200) checked(answer);
    std::string piece(kPiece, '\0');
    for (std::uint64_t offset = 0; offset < file.size();) {
      check_interrupted();
      const auto count = file.read(offset, piece.data(), piece.size());
      checked(to_.transfer("PUT", target() + "/" + import_ + "?offset=" + std::to_string(offset),
                           {.body = std::string_view(piece).substr(0, count)}));
      offset += count;
    }
    checked(to_.transfer("POST", target() + "/" + import_ + "/compare", {}));
    std::cout << tenant_ << ": copied and compared, " << (file.size() >> 10) << " KiB in "
              << seconds(steady_clock::now() - started) << " s\n"
              << std::flush;
  }

  std::int64_t cross(bool final) {
    check_interrupted();
    std::string changes;
    HttpClient::Fields heard;
    const auto answer = from_.transfer(
        "POST", source() + "/" + move_ + "/changes?final=" + (final ? "true" : "false"),
        {.more = fields_,
         .out = [&](std::string_view bytes) { changes += bytes; },
         .heard = &heard,
         .limit = limit(final)});
    if (answer.status != 200) checked(answer);
    checked(to_.transfer("POST", target() + "/" + import_ + "/changes",
                         {.more = fields_, .body = changes, .limit = limit(final)}));
    for (const auto& [name, value] : heard)
      if (name == "x-changed-rows") return std::stoll(value);
    throw std::runtime_error("the host did not say how many rows have changed");
  }

  // What comes after the end of the pause comes too late.
  std::chrono::milliseconds limit(bool in_pause) const {
    if (!in_pause) return {};
    const auto left = paused_ + moves::Moves::kPauseLife - steady_clock::now();
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left),
                    std::chrono::milliseconds(1));
  }

  void catch_up() {
    for (int round = 0; round < kRounds; ++round)
      if (cross(false) < kFewChanges) return;
  }

  void pause_and_cross() {
    check_interrupted();
    paused_ = steady_clock::now();
    checked(from_.transfer("POST", source() + "/" + move_ + "/pause",
                           {.limit = moves::Moves::kPauseLife}));
    const auto rows = cross(true);
    check_interrupted();
    std::cout << tenant_ << ": " << rows << " rows changed last, compared\n" << std::flush;
    // Past this line the tenant is closed here: from now on it may only go forward, or be opened
    // again by us.
    const auto body = Json{{"to", to_name_.substr(0, 150)}}.dump();
    leaving_ = true;
    checked(from_.transfer("POST", source() + "/" + move_ + "/leave",
                           {.more = kJson, .body = body, .limit = kShort}));
  }

  // Never both: the source is closed before the target is opened.
  void hand_over() {
    to_.stop_when(kNever);  // there is no way back that would not be asked for here as well
    try {
      checked(to_.transfer("POST", target() + "/" + import_ + "/finish",
                           {.more = kJson, .body = R"({"from":"another host"})", .limit = kShort}));
    } catch (const NoAnswer& lost) {
      if (!lost.sent() || !is_open_there()) {
        give_up();
        throw;
      }
    } catch (...) {
      give_up();  // it answered that it will not
      throw;
    }
    std::cout << tenant_ << ": moved to " << to_name_ << ", writes paused for "
              << std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() -
                                                                       paused_)
                     .count()
              << " ms; delete it here when you have seen it there; people log in again\n";
  }

  // The other host got the request and did not answer. Throws if it does not say.
  bool is_open_there() const {
    const auto until = steady_clock::now() + patience_;
    while (steady_clock::now() < until) {
      try {
        const auto answer =
            to_.transfer("GET", "/api/v1/admin/tenants/" + tenant_, {.limit = kAsk});
        if (answer.status == 404) return false;
        return checked(answer)["data"].value("status", "") == "active";
      } catch (const NoAnswer&) {
        ::sleep(1);
      }
    }
    throw std::runtime_error(
        tenant_ + " is whole on both hosts and open on neither, unless " + to_name_ +
        " has let it in before it went silent. When that host answers, see `serai tenant list` "
        "there: if it is suspended there, activate it on one of the two.");
  }

  void give_up() {
    interrupted = false;  // what follows is the way back
    try {
      if (!move_.empty()) checked(from_.transfer("DELETE", source() + "/" + move_, {}));
    } catch (const std::exception& error) {
      if (leaving_)
        std::cerr << "the source does not answer; if " << tenant_
                  << " is suspended there as moved, activate it there\n";
      else
        std::cerr << "the source goes on by itself: " << error.what() << '\n';
    }
    try {
      if (!import_.empty())
        checked(to_.transfer("DELETE", target() + "/" + import_, {.limit = kShort}));
    } catch (const std::exception&) {
      std::cerr << "what was copied is suspended on the other host; the next try removes it\n";
    }
  }

  HttpClient from_, to_;
  const std::string tenant_, to_name_;
  const moves::StreamKey key_;
  const HttpClient::Fields fields_;
  const std::chrono::seconds patience_;
  std::string move_, import_;
  steady_clock::time_point paused_{};
  bool leaving_ = false;
};

}  // namespace

int tenant_move(const TenantMoveOptions& options) {
  auto from = admin_client(options.from);
  HttpClient to(options.to);
  to.header("X-Admin-Token", read_secret(options.to_token));
  const Interruptible signals;
  TenantMove(std::move(from), std::move(to), options.tenant, options.to, options.patience).run();
  return 0;
}

}  // namespace host::cli
