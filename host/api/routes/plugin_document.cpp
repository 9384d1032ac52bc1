#include "api/routes/plugin_document.hpp"

#include <nlohmann/json.hpp>

namespace host::api {
namespace {

const char* name_of(plugins::State state) {
  switch (state) {
    case plugins::State::running:
      return "running";
    case plugins::State::disabled:
      return "disabled";
    case plugins::State::quarantined:
      return "quarantined";
    case plugins::State::stuck:
      return "stuck";
    case plugins::State::failed:
      break;
  }
  return "failed";
}

}  // namespace

nlohmann::json to_json(const plugins::PluginInfo& info) {
  nlohmann::json out{{"id", info.id},
                     {"name", info.name},
                     {"version", info.version},
                     {"description", info.description},
                     {"state", name_of(info.state)},
                     {"reason", info.reason},
                     {"generation", info.generation},
                     {"kept_generations", info.kept},
                     {"placement", info.isolated ? "isolated" : "in-process"},
                     {"installed", info.installed},
                     {"trust", std::string(to_text(info.verdict.level))},
                     {"key", info.verdict.key},
                     {"package", info.verdict.package}};
  if (info.verdict.level != trust::Level::none)
    out["trusted_until"] = to_text(info.verdict.valid_until);
  if (!info.verdict.tenants.empty()) out["tenants"] = info.verdict.tenants;
  return out;
}

}  // namespace host::api
