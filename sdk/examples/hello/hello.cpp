// The smallest plugin: one route, no interface of the host. plugin.yaml says when greet() is
// called.
#include <serai/plugin.hpp>

class Hello : public serai::Plugin {
 public:
  Hello() { route("greet", &Hello::greet); }

  serai::Json greet(serai::Request& request) { return {{"hello", request.path("name")}}; }
};
SERAI_PLUGIN(Hello)
