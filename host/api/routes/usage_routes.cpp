// GET /api/v1/usage          usage.read: the caller's tenant
// GET /api/v1/admin/usage    platform administrator: all tenants, or one
#include "api/routes/usage_routes.hpp"

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "usage/quota.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;
using usage::Query;
using usage::Step;

constexpr std::int64_t kDefaultRows = 100, kMaxRows = 1000, kMaxOffset = 1'000'000;

constexpr auto kAnswer = R"({"type":"object","required":["success","data","count","next"],
  "properties":{"success":{"type":"boolean"},"count":{"type":"integer"},
  "next":{"type":["integer","null"],"description":"offset of the next page"},
  "from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
  "data":{"type":"array","items":{"type":"object","required":["unit","amount"],"properties":{
    "time":{"type":"string","description":"2026-11-21T15, 2026-11-21 or 2026-11, in UTC"
}
, "tenant" : {"type" : "string", "description" : "empty: public routes"},
             "plugin" : {"type" : "string"},
                        "unit" : {"type" : "string"},
                                 "amount" : {
  "type" : "integer"
}
}
}
}
}
})";

// A day or a time of day, in UTC.
Timestamp time_of(const Call& call, const char* name, Timestamp fallback) {
  const auto text = call.query(name);
  if (!text) return fallback;
  try {
    return parse_timestamp(text->size() == 10 ? *text + "T00:00:00Z" : *text);
  } catch (const std::exception&) {
    throw unprocessable({{std::string("query/") + name,
                          "must be a day or a time in UTC: 2026-11-21 or 2026-11-21T15:00:00Z"}});
  }
}

Step step_named(const std::string& name) {
  if (name == "hour") return Step::hour;
  if (name == "day") return Step::day;
  return name == "month" ? Step::month : Step::all;
}

// "tenant,plugin,day": in any order, each at most once, at most one of the three times.
void read_groups(const std::string& text, bool admin, Query& query) {
  const auto refuse = [&] {
    return unprocessable(
        {{"query/group_by", admin ? "must be some of plugin, tenant and one of hour, "
                                    "day, month, with commas between"
                                  : "must be some of plugin and one of hour, day, "
                                    "month, with commas between"}});
  };
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    const auto word = text.substr(at, end - at);
    at = end + 1;
    if (word == "plugin" && !query.by_plugin) {
      query.by_plugin = true;
    } else if (word == "tenant" && admin && !query.by_tenant) {
      query.by_tenant = true;
    } else if ((word == "hour" || word == "day" || word == "month") && query.step == Step::all) {
      query.step = step_named(word);
    } else {
      throw refuse();
    }
  }
}

Query query_of(const Call& call, bool admin) {
  Query query;
  const Timestamp now = host::now();
  query.from = time_of(call, "from", usage::period_start(usage::Period::month, now));
  // To the end of this hour: what the ledger counts by.
  query.to =
      time_of(call, "to", usage::period_start(usage::Period::hour, now) + std::chrono::hours(1));
  if (query.to <= query.from) throw unprocessable({{"query/to", "must be later than from"}});
  query.plugin = call.query("plugin").value_or("");
  query.unit = call.query("unit").value_or("");
  read_groups(call.query("group_by").value_or(admin ? "tenant,plugin" : "plugin"), admin, query);
  query.offset = static_cast<std::size_t>(call.query_integer("offset", 0));
  query.limit = static_cast<std::size_t>(call.query_integer("limit", kDefaultRows));
  return query;
}

http::Response answer(usage::Ledger& ledger, const Query& query) {
  auto lines = ledger.lines(query);
  const bool more = lines.size() > query.limit;
  if (more) lines.resize(query.limit);
  Json rows = Json::array();
  for (auto& line : lines) {
    Json row{{"unit", std::move(line.unit)}, {"amount", line.amount}};
    if (query.step != Step::all) row["time"] = std::move(line.time);
    if (query.by_tenant) row["tenant"] = std::move(line.tenant);
    if (query.by_plugin) row["plugin"] = std::move(line.plugin);
    rows.push_back(std::move(row));
  }
  Json document{{"success", true},
                {"data", std::move(rows)},
                {"count", lines.size()},
                {"from", usage::hour_of(query.from)},
                {"to", to_text(query.to)}};
  document["next"] = more ? Json(query.offset + query.limit) : Json();
  return json_response(document);
}

Route route(const char* pattern, const char* operation, const char* summary, bool admin,
            Handler handler) {
  Route out{.method = "GET",
            .pattern = pattern,
            .operation = operation,
            .summary = summary,
            .tag = admin ? "Admin" : "Usage"};
  out.access = admin ? Access::admin : Access::user;
  out.permission = admin ? "" : "usage.read";
  out.response_schema = kAnswer;
  out.handler = std::move(handler);
  if (admin) out.query.push_back({.name = "tenant", .description = "Of this tenant only"});
  out.query.push_back({.name = "plugin", .description = "Of this plugin only"});
  out.query.push_back({.name = "unit", .description = "Of this unit only: calls, cpu_ns ..."});
  out.query.push_back({.name = "from",
                       .description = "Since: a day or time in UTC, rounded down to "
                                      "the hour; else the first of this month"});
  out.query.push_back(
      {.name = "to", .description = "Before: a day or time in UTC; else the end of this hour"});
  out.query.push_back(
      {.name = "group_by",
       .description = admin ? "Some of plugin, tenant and one of hour, day, month, with commas"
                            : "Some of plugin and one of hour, day, month, with commas",
       .default_value = admin ? "tenant,plugin" : "plugin"});
  out.query.push_back({.name = "offset",
                       .type = "integer",
                       .description = "Rows to skip: `next` of the page before",
                       .default_value = "0",
                       .minimum = 0,
                       .maximum = kMaxOffset});
  out.query.push_back({.name = "limit",
                       .type = "integer",
                       .description = "How many rows",
                       .default_value = std::to_string(kDefaultRows),
                       .minimum = 1,
                       .maximum = kMaxRows});
  return out;
}

}  // namespace

std::vector<Route> usage_routes(usage::Ledger& ledger) {
  return {route("/api/v1/usage", "usage.list", "What plugins have used here", false,
                [&ledger](Call& call) {
                  Query query = query_of(call, false);
                  // The token's and nobody else's, whatever it is.
                  query.tenant = call.token->tenant();
                  query.any_tenant = false;
                  return answer(ledger, query);
                }),
          route("/api/v1/admin/usage", "admin.usage.list", "What plugins have used, of all tenants",
                true, [&ledger](Call& call) {
                  Query query = query_of(call, true);
                  query.tenant = call.query("tenant").value_or("");
                  return answer(ledger, query);
                })};
}

}  // namespace host::api
