#include "e2e/sales_desk.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace serai_test {
namespace {

using nlohmann::json;

const std::string kOrigin = "https://api.example.com";
const std::string kRates =
    "hotel_name,destination,room_type,meal_plan,check_in_date,check_out_date,nights,"
    "total_7nights_pps,total_7nights_child,currency\n"
    "Coral Lodge,Zanzibar,Double,HB,2027-01-01,2027-12-31,7,1000.50,400,ZAR\n"
    "Palm House,Zanzibar,Double,BB,2027-01-01,2027-12-31,7,800,300,ZAR\n";

void expect_good(const Answer& answer) {
  if (answer.status / 100 != 2)
    throw std::runtime_error(std::to_string(answer.status) + ": " + answer.body);
}

}  // namespace

SalesDesk::SalesDesk(const SalesDeskOptions& options) : host_(host_options(relay_, options)) {
  savanna_ = host_.make_tenant("savanna");
  found_again();
}

void SalesDesk::found_again() {
  lagoon_ = host_.make_tenant("lagoon");
  expect_good(host_.admin().send("PUT",
                                 "/api/v1/admin/tenants/lagoon/plugins/mail/secrets/smtp_password",
                                 json{{"value", relay_.password()}}.dump()));
  expect_good(host_.client(lagoon_).upload("/api/v1/pricing/rates/import",
                                           {"file", "rates.csv", "text/csv", kRates}));
  const auto made = host_.client(lagoon_).post("/api/v1/inbound/address", json::object());
  expect_good(made);
  mime_ = path_of(made.json()["data"]["mime"]);
}

RunningHost::Options SalesDesk::host_options(const SmtpServer& relay,
                                             const SalesDeskOptions& options) {
  RunningHost::Options out;
  out.plugins = {"crm", "pricing", "pdf", "mail", "notifications", "quotes", "inbound-email"};
  out.plugins.insert(out.plugins.end(), options.more_plugins.begin(), options.more_plugins.end());
  out.profile["listen"]["url"] = kOrigin;
  out.profile["jobs"]["lease"] = "2 s";  // so long a dead host's jobs wait, on PostgreSQL
  out.profile["outbound"] = {{"allow_private_addresses", true}, {"authorities", relay.authority()}};
  std::map<std::string, json> settings{
      {"pricing", {{"exchange_url", ""}}},
      {"mail",
       {{"transport", "smtp"},
        {"smtp_url", relay.url()},
        {"smtp_user", relay.user()},
        {"from_email", "desk@lagoon.example"}}},
      {"quotes", {{"company_name", "Blue Lagoon"}}},
      {"inbound-email", {{"destinations", "Zanzibar"}, {"auto_quote", "send"}}}};
  for (const auto& [plugin, more] : options.settings) {
    auto& of_plugin = settings[plugin];
    if (of_plugin.is_null()) of_plugin = json::object();
    of_plugin.update(more);
  }
  auto& enabled = out.profile["plugins"]["enabled"] = json::array();
  for (const auto& id : out.plugins) {
    json plugin{{"id", id}};
    if (settings.contains(id)) plugin["settings"] = settings.at(id);
    if (options.isolated) plugin["placement"] = "isolated";
    enabled.push_back(plugin);
  }
  out.environment = options.environment;
  return out;
}

std::string SalesDesk::path_of(const std::string& url) {
  EXPECT_EQ(url.rfind(kOrigin, 0), 0U) << url;
  return url.substr(kOrigin.size());
}

std::string SalesDesk::enquiry(const std::string& name) {
  return "From: " + name + " Berg <" + address(name) +
         ">\r\nTo: desk@lagoon.example\r\nMessage-ID: <" + address(name) +
         ">\r\nSubject: Zanzibar in June\r\n\r\nHello,\r\n\r\nplease quote for "
         "Zanzibar from "
         "10 June 2027 to 17 June 2027, 2 adults, half board.\r\n\r\nKind regards\r\n" +
         name + "\r\n";
}

Answer SalesDesk::deliver(const std::string& name) { return deliver_mail(enquiry(name)); }

Answer SalesDesk::deliver_mail(const std::string& mail) {
  return host_.client().send("POST", mime_, mail, {{"Content-Type", "message/rfc822"}});
}

json SalesDesk::list(const Person& who, const std::string& path) {
  const auto answer = host_.client(who).get(path);
  EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
  return answer.status == 200 ? answer.json()["data"] : json::array();
}

json SalesDesk::tickets_of(const std::string& name) {
  json found = json::array();
  for (const auto& ticket : list(lagoon_, "/api/v1/inbound/tickets?limit=100"))
    if (ticket.at("customer_email") == address(name)) found.push_back(ticket);
  return found;
}

json SalesDesk::quotes_of(const std::string& name) {
  return list(lagoon_, "/api/v1/quotes?customer_email=" + address(name));
}

json SalesDesk::mails_to(const std::string& name) {
  return list(lagoon_, "/api/v1/mail/messages?to=" + address(name));
}

bool SalesDesk::is_sent(const std::string& name) {
  const auto mails = mails_to(name);
  return mails.size() == 1 && mails[0]["status"] == "sent";
}

const std::vector<json>& SalesDesk::taken_until(const std::string& name) {
  do taken_.push_back(relay_.next());
  while (taken_.back().value("to", json()) != json::array({address(name)}));
  return taken_;
}

std::vector<std::string> SalesDesk::taken_of(const std::string& name) {
  std::vector<std::string> found;
  for (const auto& mail : taken_)
    if (mail.value("to", json()) == json::array({address(name)}))
      found.push_back(decoded(mail["data"]));
  return found;
}

std::string SalesDesk::decoded(const std::string& base64) {
  const auto file = host_.directory() / "mail.b64";
  write_file(file, base64);
  return shell("base64 -d " + file.string()).output;
}

void SalesDesk::come_back() {
  host_.start();
  host_.login(lagoon_);
}

}  // namespace serai_test
