#include "mail_in/addresses.hpp"

#include "base/problem.hpp"
#include "base/time.hpp"

namespace host::mail_in {

std::optional<std::string> Addresses::tenant_of(const std::string& address) const {
  const auto rows = store_.platform()->query(
      "SELECT tenant FROM mail_in_addresses WHERE address = $1", {address});
  return rows.empty() ? std::nullopt : std::optional(rows.text(0, "tenant"));
}

std::vector<Addresses::Assigned> Addresses::list(std::string_view after, std::size_t limit) const {
  const auto rows = store_.platform()->query(
      "SELECT address, tenant, assigned_at, assigned_by FROM mail_in_addresses "
      "WHERE address > $1 ORDER BY address LIMIT $2",
      {after, static_cast<std::int64_t>(limit)});
  std::vector<Assigned> all(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    all[i] = {rows.text(i, "address"), rows.text(i, "tenant"), rows.text(i, "assigned_at"),
              rows.text(i, "assigned_by")};
  return all;
}

std::vector<std::string> Addresses::of_tenant(std::string_view tenant, std::size_t limit) const {
  const auto rows = store_.platform()->query(
      "SELECT address FROM mail_in_addresses WHERE tenant = $1 ORDER BY address LIMIT $2",
      {tenant, static_cast<std::int64_t>(limit)});
  std::vector<std::string> all(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) all[i] = rows.text(i, "address");
  return all;
}

std::size_t Addresses::count_of(std::string_view tenant) const {
  const auto rows = store_.platform()->query(
      "SELECT count(*) AS many FROM mail_in_addresses WHERE tenant = $1", {tenant});
  return static_cast<std::size_t>(rows.integer(0, "many"));
}

std::size_t Addresses::count() const {
  const auto rows = store_.platform()->query("SELECT count(*) AS many FROM mail_in_addresses");
  return static_cast<std::size_t>(rows.integer(0, "many"));
}

bool Addresses::assign(const Address& address, std::string_view tenant, std::string_view by) {
  const auto text = lower(address.text());
  const auto session = store_.platform();
  if (count() >= kMost)
    throw conflict("too_many_addresses", "There are 100,000 addresses already.");
  const auto added = session->execute(
      "INSERT INTO mail_in_addresses (address, tenant, assigned_at, assigned_by) "
      "VALUES ($1, $2, $3, $4) ON CONFLICT (address) DO NOTHING",
      {text, tenant, to_text(now()), by});
  if (added > 0) return true;
  if (tenant_of(text) != std::string(tenant))
    throw conflict("address_taken", "That address is another tenant's; remove it there first.");
  return false;
}

bool Addresses::remove(const Address& address) {
  return store_.platform()->execute("DELETE FROM mail_in_addresses WHERE address = $1",
                                    {lower(address.text())}) > 0;
}

void Addresses::forget_tenant(std::string_view tenant) {
  store_.platform()->execute("DELETE FROM mail_in_addresses WHERE tenant = $1", {tenant});
}

}  // namespace host::mail_in
