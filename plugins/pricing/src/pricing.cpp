// The pricing plugin: a rate table in, priced stays out. This file is its table of contents: each
// handler of plugin.yaml and where it leads.
#include <serai/plugin.hpp>

#include "catalogue.hpp"
#include "exchange.hpp"
#include "rates.hpp"
#include "stay.hpp"
#include "transfer.hpp"

namespace {

class Pricing : public serai::Plugin {
 public:
  Pricing() {
    route("list_rates", pricing::list_rates);
    route("create_rate", pricing::create_rate);
    route("show_rate", pricing::show_rate);
    route("change_rate", pricing::change_rate);
    route("remove_rate", pricing::remove_rate);
    route("import_rates", pricing::import_rates);
    route("export_rates", pricing::export_rates);
    route("hotels", pricing::hotels);
    route("hotel_rates", pricing::hotel_rates);
    route("destinations", pricing::destinations);
    route("stats", pricing::stats);
    route("price_stay", [](serai::Request& request) {
      return serai::data(pricing::price_stay(request, request.json()));
    });
    route("list_exchange_rates", pricing::list_exchange_rates);
    route("add_exchange_rate", pricing::add_exchange_rate);
    route("remove_exchange_rate", pricing::remove_exchange_rate);
    route("refresh_exchange", pricing::refresh_exchange_now);

    job("refresh_exchange", pricing::refresh_exchange);

    service("stay", [](serai::ServiceCall& call) {
      // A person needs the permission; a job or event acts for the tenant.
      if (!call.caller().user.empty()) call.require("pricing.read");
      return pricing::price_stay(call, call.json());
    });
  }
};

}  // namespace

SERAI_PLUGIN(Pricing)
