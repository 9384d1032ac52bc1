// The plugin of the throughput benchmark: answers at once, uses no interface of the host.
#include <serai/plugin.hpp>

class Noop : public serai::Plugin {
 public:
  Noop() {
    route("greet", &Noop::greet);
    route("echo", &Noop::echo);
  }

 private:
  serai::Response greet(serai::Request&) {
    return serai::Response::bytes("application/json", R"({"hello":"world","success":true})");
  }
  serai::Json echo(serai::Request& request) {
    return {{"hello", request.field<std::string>("name")}};
  }
};
SERAI_PLUGIN(Noop)
