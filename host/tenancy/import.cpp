#include "tenancy/import.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/problem.hpp"
#include "tenancy/validation.hpp"
#include "tenancy/yaml_settings.hpp"

namespace host::tenancy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uintmax_t kMaxFile = 1 << 20;

struct Source {
  std::string id;
  fs::path file;
};

std::vector<Source> sources_in(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) throw not_found("There is no such folder of tenants.");
  std::vector<Source> sources;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto extension = entry.path().extension();
    if (entry.is_directory() && fs::is_regular_file(entry.path() / "client.yaml"))
      sources.push_back({entry.path().filename().string(), entry.path() / "client.yaml"});
    else if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml"))
      sources.push_back({entry.path().stem().string(), entry.path()});
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.id < b.id; });
  return sources;
}

std::string read(const fs::path& file) {
  if (fs::file_size(file) > kMaxFile) throw std::invalid_argument("is larger than 1 MiB");
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw std::invalid_argument("cannot be read");
  return text.str();
}

std::string text_at(const json& object, const char* name, const char* fallback = "") {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

// What the file says about the tenant, laid over what is there already.
Tenant merged(const std::string& id, json settings, const Tenant* present) {
  const auto client = settings.find("client");
  if (client == settings.end() || !client->is_object())
    throw std::invalid_argument("has no section 'client'");
  const auto named = text_at(*client, "id");
  if (named != id)
    throw std::invalid_argument("says client.id is '" + named + "', but it lies under '" + id +
                                "'");
  Tenant tenant = present ? *present : Tenant{};
  if (!present) {
    tenant.settings = json::object();
    tenant.plugins = json::object();
  }
  tenant.id = id;
  tenant.name = text_at(*client, "name");
  tenant.timezone = text_at(*client, "timezone");
  tenant.currency = text_at(*client, "currency", "USD");
  if (const auto plan = text_at(*client, "plan"); !plan.empty()) tenant.plan = plan;
  tenant.settings.update(settings);
  return tenant;
}

bool same(const Tenant& a, const Tenant& b) {
  return a.name == b.name && a.timezone == b.timezone && a.currency == b.currency &&
         a.plan == b.plan && a.settings == b.settings;
}

void import_one(Tenants& tenants, const CallToken& admin, const Source& source, bool dry_run,
                Imported& report) {
  auto settings = settings_from_yaml(read(source.file), report.skipped_secrets);
  const auto present = tenants.find(source.id);
  const Tenant tenant = merged(source.id, std::move(settings), present.get());
  if (const auto faults = faults_of(tenant); !faults.empty()) {
    for (const auto& fault : faults) report.reasons.push_back(fault.pointer + " " + fault.detail);
    return;
  }
  if (present && same(*present, tenant)) {
    report.outcome = Imported::Outcome::unchanged;
    return;
  }
  if (!dry_run) present ? tenants.update(admin, tenant) : tenants.create(admin, tenant);
  report.outcome = present ? Imported::Outcome::updated : Imported::Outcome::created;
}

}  // namespace

std::string_view to_text(Imported::Outcome outcome) {
  switch (outcome) {
    case Imported::Outcome::created:
      return "created";
    case Imported::Outcome::updated:
      return "updated";
    case Imported::Outcome::unchanged:
      return "unchanged";
    case Imported::Outcome::refused:
      return "refused";
  }
  return "refused";
}

std::vector<Imported> import_tenants(Tenants& tenants, const CallToken& admin,
                                     const fs::path& directory, bool dry_run) {
  std::vector<Imported> reports;
  for (const auto& source : sources_in(directory)) {
    Imported report{source.id, Imported::Outcome::refused, {}, {}};
    try {
      import_one(tenants, admin, source, dry_run, report);
    } catch (const Problem& problem) {
      report.reasons.push_back(problem.detail());
      for (const auto& error : problem.errors())
        report.reasons.push_back(error.pointer + " " + error.detail);
    } catch (const std::invalid_argument& error) {
      report.reasons.push_back(source.file.filename().string() + " " + error.what());
    } catch (const fs::filesystem_error&) {
      report.reasons.push_back(source.file.filename().string() + " cannot be read");
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace host::tenancy
