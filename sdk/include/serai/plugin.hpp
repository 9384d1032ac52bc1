// Everything a plugin written in C++ needs, after including <serai/plugin.hpp>:
//
//   class Hello : public serai::Plugin {
//    public:
//     Hello() { route("greet", &Hello::greet); }
//     serai::Json greet(serai::Request& request) { return {{"hello", request.path("name")}}; }
//   };
//   SERAI_PLUGIN(Hello)
#pragma once

#include "serai/blob.hpp"
#include "serai/call.hpp"
#include "serai/clock.hpp"
#include "serai/config.hpp"
#include "serai/entry.hpp"
#include "serai/events.hpp"
#include "serai/fields.hpp"
#include "serai/handlers.hpp"
#include "serai/http_client.hpp"
#include "serai/imap.hpp"
#include "serai/jobs.hpp"
#include "serai/json.hpp"
#include "serai/kv.hpp"
#include "serai/links.hpp"
#include "serai/log.hpp"
#include "serai/message.hpp"
#include "serai/metrics.hpp"
#include "serai/problem.hpp"
#include "serai/request.hpp"
#include "serai/response.hpp"
#include "serai/secrets.hpp"
#include "serai/services.hpp"
#include "serai/smtp.hpp"
#include "serai/sql.hpp"
#include "serai/total.hpp"
#include "serai/vector.hpp"
