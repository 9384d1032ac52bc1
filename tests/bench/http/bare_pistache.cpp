// Another peer: Pistache used as its documentation says, answering a fixed JSON document.
// bare_pistache PORT THREADS
#include <cstdlib>

#include <pistache/endpoint.h>

namespace {

class Hello : public Pistache::Http::Handler {
 public:
  HTTP_PROTOTYPE(Hello)
  void onRequest(const Pistache::Http::Request&, Pistache::Http::ResponseWriter response) override {
    response.send(Pistache::Http::Code::Ok, R"({"hello":"world","success":true})",
                  MIME(Application, Json));
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  using Pistache::Http::Endpoint;
  Endpoint endpoint(
      {Pistache::Ipv4::loopback(), Pistache::Port(static_cast<std::uint16_t>(std::atoi(argv[1])))});
  endpoint.init(Endpoint::options()
                    .threads(std::atoi(argv[2]))
                    .flags(Pistache::Tcp::Options::ReuseAddr | Pistache::Tcp::Options::NoDelay));
  endpoint.setHandler(Pistache::Http::make_handler<Hello>());
  endpoint.serve();
}
