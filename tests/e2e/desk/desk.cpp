// The neighbours of inbound-email in its end-to-end test. They run in the host's own process: one
// that is to die at a step ends it from there, as a power cut would.
#include <csignal>
#include <filesystem>

#include <unistd.h>

#include <serai/plugin.hpp>

namespace {

using serai::Json;

class Desk : public serai::Plugin {
 public:
  Desk() {
    route("calls", [](serai::Request& request) {
      return serai::list(request.sql().query("SELECT step FROM desk_calls ORDER BY id").json());
    });
    service("chat", [](serai::ServiceCall& call) {
      burn(call, "understood");
      return Json{{"content", "{}"}, {"model", "none"}};
    });
    service("quote", [](serai::ServiceCall& call) {
      keep(call, "quote");
      burn(call, "quoted");
      return Json{{"quote_id", call.clock().uuid()},
                  {"quote_number", "QT-20260101-A1B2C3"},
                  {"status", "draft"},
                  {"total", nullptr},
                  {"unpriced", "There are no rates in a test."}};
    });
    service("notify", [](serai::ServiceCall& call) {
      keep(call, "notification");
      burn(call, "notified");
      return Json{{"id", call.clock().uuid()}};
    });
    event("opened", [](serai::Event& event) { burn(event, "opened"); });
  }

 private:
  static void keep(const serai::Call& call, const char* step) {
    call.sql().execute("INSERT INTO desk_calls (id, step) VALUES ($1, $2)", call.clock().uuid(),
                       step);
  }
  // Once: the file goes before the host does.
  static void burn(const serai::Call& call, const char* step) {
    const auto folder = std::string(call.config().text("fuse"));
    if (!folder.empty() && std::filesystem::remove(std::filesystem::path(folder) / step))
      ::kill(::getpid(), SIGKILL);
  }
};

}  // namespace

SERAI_PLUGIN(Desk)
