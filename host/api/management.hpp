// The management address: metrics and health, nothing of a tenant. Meant for the operator's network
// only; it asks for no credential, so it is bound to loopback unless the profile says otherwise.
#pragma once

#include "api/route_table.hpp"
#include "http/server.hpp"
#include "observe/health.hpp"

namespace host::api {

class Management : public http::Service {
 public:
  Management(const observe::Health& health, std::string version);

  http::Admission admit(const http::Request& head) override;
  void handle(http::Request&& request, http::Reply reply) override;
  http::Response error(int status, std::string_view code, std::string_view detail) override;

 private:
  RouteTable routes_;
};

}  // namespace host::api
