#include "isolation/two_tenants.hpp"

#include <stdexcept>

namespace isolation {

using nlohmann::json;
using serai_test::Answer;

namespace {

json made(const Answer& answer) {
  if (answer.status < 200 || answer.status > 299)
    throw std::runtime_error(std::to_string(answer.status) + " " + answer.body);
  return answer.json();
}

}  // namespace

House furnish(serai_test::RunningHost& host, const std::string& id) {
  House house;
  house.marker = serai_test::new_marker("mark");
  house.owner = host.make_tenant(id, "House " + house.marker);
  house.colleague =
      host.invite(house.owner, "colleague-" + house.marker + "@example.com", "consultant");
  const auto owner = host.client(house.owner);
  made(host.client(house.colleague)
           .patch("/api/v1/auth/profile", {{"name", "Carl " + house.marker}, {"phone", "+27"}}));
  house.ids["/api/v1/users"] = house.colleague.id;
  house.ids["/api/v1/users/invitations"] = made(
      owner.post("/api/v1/users/invite", {{"email", "open-" + house.marker + "@example.com"},
                                          {"name", "Open " + house.marker}}))["invitation"]["id"];
  const auto sessions = made(host.client(house.colleague).get("/api/v1/auth/sessions"));
  house.ids["/api/v1/auth/sessions"] = sessions["data"][0]["id"];
  // Without the marker: a neighbour may have a role of the same name, and is told that name.
  const auto role = "role-" + id;
  made(owner.send("PUT", "/api/v1/roles/" + role, R"({"permissions":["audit.read"]})"));
  house.ids["/api/v1/roles"] = role;
  house.ids["/api/v1/api-keys"] =
      made(owner.post("/api/v1/api-keys",
                      {{"name", "Key " + house.marker}, {"scopes", {"audit.read"}}}))["data"]["id"];
  house.ids["/api/v1/probe/notes"] =
      made(owner.post("/api/v1/probe/notes",
                      {{"text", "Note " + house.marker}, {"tags", json::array()}}))["data"]["id"];
  // Without the marker, as of a role.
  house.ids["/api/v1/probe/kept"] = "kept-" + id;
  made(owner.send("PUT", "/api/v1/probe/kept/kept-" + id,
                  json{{"text", "Kept " + house.marker}}.dump()));
  made(host.admin().send("PUT", "/api/v1/admin/tenants/" + id + "/plugins/probe",
                         json{{"settings", {{"greeting", "Greeting " + house.marker}}}}.dump()));
  house.ids["/api/v1/knowledge/documents"] = serai_test::upload(
      owner, {"rates-" + house.marker + ".md", "text/markdown",
              "# Rates\n\nThe Quagga lodge charges R950, says " + house.marker + ".\n"});
  const auto document = serai_test::settled(owner, house.ids["/api/v1/knowledge/documents"]);
  if (document["status"] != "indexed") throw std::runtime_error(document.dump());
  made(host.client(house.colleague)
           .post("/api/v1/helpdesk/agent/chat",
                 {{"question", "What does the Quagga lodge charge, dear " + house.marker + "?"}}));
  return house;
}

std::string path_to(const House& house, const std::string& pattern) {
  const auto open = pattern.find('{');
  if (open == pattern.npos) return pattern;
  const auto close = pattern.find('}', open);
  if (pattern.find('{', close) != pattern.npos) return "";
  const auto found = house.ids.find(pattern.substr(0, open - 1));
  if (found == house.ids.end()) return "";
  return pattern.substr(0, open) + found->second + pattern.substr(close + 1);
}

}  // namespace isolation
