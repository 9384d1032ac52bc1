#include "tenancy/validation.hpp"

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

namespace host::tenancy {
namespace {

constexpr std::size_t kMaxSettings = 256 << 10;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxPlan = 50;

bool lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

bool valid_tenant_id(std::string_view id) noexcept {
  return id.size() >= 3 && id.size() <= 50 && std::all_of(id.begin(), id.end(), [](char c) {
           return lower_alphanumeric(c) || c == '_' || c == '-';
         });
}

bool valid_timezone(std::string_view name) {
  const auto allowed = [](char c) {
    return lower_alphanumeric(c) || (c >= 'A' && c <= 'Z') || c == '/' || c == '_' || c == '-' ||
           c == '+';
  };
  // The first letter rules out absolute paths, the alphabet (no dot) every way upwards.
  if (name.empty() || name.size() > 64 || name.front() < 'A' || name.front() > 'Z' ||
      !std::all_of(name.begin(), name.end(), allowed))
    return false;
  if (name == "UTC") return true;
  static const std::filesystem::path zones = "/usr/share/zoneinfo";
  std::error_code ignored;
  if (!std::filesystem::exists(zones / "Europe", ignored)) return true;
  return std::filesystem::is_regular_file(zones / name, ignored);
}

std::vector<FieldError> faults_of(const Tenant& tenant) {
  std::vector<FieldError> faults;
  if (!valid_tenant_id(tenant.id))
    faults.push_back({"/tenant_id", "must be 3 to 50 of a-z, 0-9, '_' and '-'"});
  if (tenant.name.empty() || tenant.name.size() > kMaxName || !printable(tenant.name))
    faults.push_back({"/company_name", "must be 1 to 200 characters without control characters"});
  if (!valid_timezone(tenant.timezone))
    faults.push_back({"/timezone", "must be an IANA time zone such as Africa/Johannesburg"});
  if (tenant.currency.size() != 3 || !std::all_of(tenant.currency.begin(), tenant.currency.end(),
                                                  [](char c) { return c >= 'A' && c <= 'Z'; }))
    faults.push_back({"/currency", "must be three capital letters (ISO 4217)"});
  if (tenant.plan.size() > kMaxPlan || !printable(tenant.plan))
    faults.push_back({"/plan", "must be at most 50 characters"});
  if (!tenant.settings.is_object())
    faults.push_back({"/settings", "must be an object"});
  else if (tenant.settings.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).size() >
           kMaxSettings)
    faults.push_back({"/settings", "must be at most 256 KiB"});
  if (!tenant.plugins.is_object()) faults.push_back({"/plugins", "must be an object"});
  return faults;
}

}  // namespace host::tenancy
