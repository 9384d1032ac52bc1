#include "api/routes/mail_in_settings.hpp"

#include <nlohmann/json.hpp>

namespace host::api {

nlohmann::json mail_in_settings(const mail_in::Options& options,
                                const mail_in::Surroundings& around) {
  auto strategies = nlohmann::json::array();
  for (const auto strategy : options.rules.strategies)
    strategies.push_back(mail_in::name_of(strategy));
  return {{"domains", options.rules.domains},
          {"strategies", std::move(strategies)},
          {"unknown", options.keep_unknown ? "keep" : "refuse"},
          {"listening", around.listening},
          {"webhook", {{"on", around.webhook}, {"secret", around.secret}, {"key", around.key}}}};
}

}  // namespace host::api
