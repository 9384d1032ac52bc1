#include "cli/demo_sales_desk.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "cli/demo.hpp"
#include "trust/package_file.hpp"

namespace host::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr auto kInstructions =
    R"text(# 6. Three customers write in. Each mail becomes a ticket, an enquiry a client and a quote with its PDF, too
ADDRESS=@BASE@$(@CURL@ -X POST @BASE@/api/v1/inbound/address -H "Authorization: Bearer $TOKEN" \
  | sed 's#.*"mime":"[a-z]*://[^/]*\([^"]*\)".*#\1#')
for MAIL in @FOLDER@/mails/*.eml; do
  @CURL@ "$ADDRESS" -H 'Content-Type: message/rfc822' --data-binary "@$MAIL"; echo
done
until @CURL@ @BASE@/api/v1/inbound/tickets -H "Authorization: Bearer $TOKEN" | grep -q '"total":[3-9]'; do sleep 0.2; done
@CURL@ @BASE@/api/v1/inbound/tickets -H "Authorization: Bearer $TOKEN"; echo
QUOTE=$(@CURL@ "@BASE@/api/v1/quotes?limit=1" -H "Authorization: Bearer $TOKEN" | grep -o 'QT-[0-9]*-[0-9A-F]*' | head -1)
@CURL@ @BASE@/api/v1/quotes/$QUOTE/pdf -H "Authorization: Bearer $TOKEN" -o /tmp/$QUOTE.pdf && echo /tmp/$QUOTE.pdf

)text";

void expect(const HttpAnswer& answer, const char* what) {
  if (answer.status >= 300)
    throw std::runtime_error(std::string("the demo's ") + what + " were refused: " + answer.body);
}

bool empty(const HttpClient& owner, const char* path) {
  const auto answer = owner.get(path);
  expect(answer, path);
  return Json::parse(answer.body).value("total", 0) == 0;
}

}  // namespace

void seed_sales_desk(House& house, const HttpClient& owner, const HttpClient& administrator,
                     const fs::path& folder) {
  if (!fs::exists(folder)) return;
  const Json all = Json::parse(trust::read_file(folder / "settings.json"));
  for (const auto& [plugin, settings] : all.items()) {
    if (!serves(house, plugin.c_str())) continue;
    expect(administrator.send("PUT", "/api/v1/admin/tenants/demo/plugins/" + plugin,
                              Json{{"settings", settings}}.dump()),
           "settings");
  }
  if (serves(house, "pricing") && empty(owner, "/api/v1/pricing/rates?limit=1"))
    expect(owner.upload("/api/v1/pricing/rates/import", "rates.csv",
                        trust::read_file(folder / "rates.csv"), {}),
           "rates");
  if (serves(house, "crm") && empty(owner, "/api/v1/crm/clients?limit=1"))
    expect(owner.upload("/api/v1/crm/imports", "clients.csv",
                        trust::read_file(folder / "clients.csv"), {}),
           "clients");
}

std::string sales_desk_instructions(House& house, const fs::path& folder) {
  if (!serves(house, "inbound-email") || !serves(house, "quotes") || !fs::exists(folder)) return {};
  std::string text = kInstructions;
  const std::string mark = "@FOLDER@";
  return text.replace(text.find(mark), mark.size(), folder.lexically_normal().string());
}

}  // namespace host::cli
