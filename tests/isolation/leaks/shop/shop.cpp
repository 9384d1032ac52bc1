// A plugin that is right, and with the setting `leak` makes one mistake of those that honest
// authors make: process-wide memory without the tenant in its key, a cursor or header that is
// believed, an error text that knows too much.
#include <algorithm>
#include <array>

#include <serai/plugin.hpp>

#include "memory.hpp"

using serai::Json;
using serai::Request;

namespace {

bool leaks(const serai::Call& call, std::string_view name) {
  return call.config().text("leak") == name;
}

// The same text gives the same direction.
std::array<float, 4> meaning_of(std::string_view text) {
  std::array<float, 4> out{1, 1, 1, 1};
  for (std::size_t i = 0; i < text.size(); ++i) out[i % 4] += static_cast<float>(text[i] % 7);
  return out;
}

// A number nobody guesses, so that a search shows whose it found.
std::int64_t number_of(const std::string& id) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return static_cast<std::int64_t>(hash >> 1);
}

}  // namespace

class Shop : public serai::Plugin {
 public:
  Shop() {
    route("list", &Shop::list);
    route("add", &Shop::add);
    route("show", &Shop::show);
    route("change", &Shop::change);
    route("remove", &Shop::remove);
    route("export", &Shop::exported);
    route("search", &Shop::search);
    route("similar", &Shop::similar);
    route("order", &Shop::order);
    route("recent", &Shop::recent);
    route("notes", &Shop::notes);
    route("keep", &Shop::keep);
    route("kept", &Shop::kept);
    route("greeting", &Shop::greeting);
    route("store", &Shop::store);
    route("file", &Shop::file);
    route("share", &Shop::share);
    route("shared", &Shop::shared);
    job("note", &Shop::note);
    event("added", &Shop::added);
    service("newest", &Shop::newest);
  }

 private:
  static Json row_of(const serai::Call& call, std::string_view id) {
    const auto rows =
        call.sql().query("SELECT id, number, title, note FROM shop_items WHERE id = $1", id);
    return rows.required("The item").json();
  }

  Json list(Request& request) {
    const std::lock_guard lock(memory_.mutex);
    if (leaks(request, "list_cache") && !memory_.list.empty()) return Json::parse(memory_.list);
    // Trusts who says which tenant it is.
    std::string tenant(request.caller().tenant);
    if (leaks(request, "header_tenant") && request.find_header("x-tenant-id"))
      tenant = *request.find_header("x-tenant-id");
    if (leaks(request, "query_tenant") && request.find_query("tenant_id"))
      tenant = *request.find_query("tenant_id");
    const auto limit = static_cast<std::size_t>(request.query_integer("limit", 20));
    std::string cursor(request.query("cursor"));
    std::size_t from = 0;
    if (leaks(request, "cursor_tenant") && cursor.find(':') != cursor.npos) {
      tenant = cursor.substr(0, cursor.find(':'));
      cursor.erase(0, cursor.find(':') + 1);
    }
    std::vector<Json> all;
    if (const auto kept = memory_.cursors.find(cursor);
        leaks(request, "cursor_session") && kept != memory_.cursors.end()) {
      all = kept->second;
    } else {
      from = static_cast<std::size_t>(std::strtoul(cursor.c_str(), nullptr, 10));
      if (tenant == request.caller().tenant) {
        for (const auto row :
             request.sql().query("SELECT id, title, note FROM shop_items ORDER BY id"))
          all.push_back(row.json());
      } else {
        all = memory_.by_tenant[tenant];
      }
    }
    Json page = Json::array();
    const std::size_t end = std::min(all.size(), from + limit);
    for (std::size_t i = from; i < end; ++i) page.push_back(all[i]);
    auto answer = serai::list(page);
    if (end < all.size()) answer["next"] = next_of(request, tenant, end, all);
    memory_.list = answer.dump();
    return answer;
  }

  std::string next_of(Request& request, const std::string& tenant, std::size_t end,
                      const std::vector<Json>& all) {
    if (leaks(request, "cursor_tenant")) return tenant + ":" + std::to_string(end);
    if (!leaks(request, "cursor_session")) return std::to_string(end);
    std::string cursor = request.clock().uuid();
    memory_.cursors[cursor] = {all.begin() + static_cast<std::ptrdiff_t>(end), all.end()};
    return cursor;
  }

  serai::Response add(Request& request) {
    const auto title = request.field<std::string>("title"),
               note = request.field<std::string>("note");
    const std::lock_guard lock(memory_.mutex);
    if (leaks(request, "duplicate_error"))
      for (const auto& [id, item] : memory_.items)
        if (item.at("title") == title)
          throw serai::Problem{409, "duplicate", "The item " + id + " has this title already."};
    const std::string id = request.clock().uuid();
    auto transaction = request.sql().transaction();
    request.sql().execute(
        "INSERT INTO shop_items (id, number, title, note) VALUES ($1, $2, $3, $4)", id,
        number_of(id), title, note);
    request.jobs().enqueue("note", {{"title", title}});
    request.events().publish("shop.item.added", {{"title", title}});
    request.vectors().upsert("titles", number_of(id), meaning_of(title));
    transaction.commit();
    const Json item{{"id", id}, {"title", title}, {"note", note}};
    memory_.items[id] = item;
    memory_.list.clear();
    memory_.by_tenant[std::string(request.caller().tenant)].push_back(item);
    memory_.waiting.push_back(title);
    if (leaks(request, "log_last") && !memory_.last_title.empty())
      request.log().info("Item added", {{"after", memory_.last_title}});
    memory_.last_title = title;
    return serai::created({{"id", id}, {"number", number_of(id)}, {"title", title}});
  }

  Json show(Request& request) {
    const std::string id(request.path("id"));
    const std::lock_guard lock(memory_.mutex);
    const auto known = memory_.items.find(id);
    if (leaks(request, "item_cache") && known != memory_.items.end())
      return serai::data(known->second);
    try {
      auto item = row_of(request, id);
      if (leaks(request, "patch_memory") && known != memory_.items.end())
        return serai::data(known->second);
      memory_.last_title = item.at("title").get<std::string>();
      return serai::data(item);
    } catch (const serai::Problem&) {
      if (leaks(request, "existence") && known != memory_.items.end())
        throw serai::Problem{403, "not_yours", "This item is not yours."};
      if (leaks(request, "error_text"))
        throw serai::Problem{404, "not_found",
                             "Not found; did you mean " + memory_.last_title + "?"};
      throw;
    }
  }

  Json change(Request& request) {
    const std::string id(request.path("id"));
    const auto title = request.field<std::string>("title");
    const std::lock_guard lock(memory_.mutex);
    if (const auto known = memory_.items.find(id);
        leaks(request, "patch_memory") && known != memory_.items.end()) {
      known->second["title"] = title;  // written back some day
      return serai::data({{"id", id}});
    }
    row_of(request, id);
    request.sql().execute("UPDATE shop_items SET title = $2, note = $3 WHERE id = $1", id, title,
                          request.field<std::string>("note"));
    return serai::data(row_of(request, id));
  }

  void remove(Request& request) {
    row_of(request, request.path("id"));
    request.sql().execute("DELETE FROM shop_items WHERE id = $1", request.path("id"));
  }

  serai::Response exported(Request& request) {
    const auto item = row_of(request, request.path("id"));
    const std::lock_guard lock(memory_.mutex);
    if (!leaks(request, "export_buffer") || memory_.exported.size() > 4000)
      memory_.exported.clear();
    memory_.exported +=
        item.at("title").get<std::string>() + "\n" + item.at("note").get<std::string>() + "\n";
    return serai::Response::text(memory_.exported);
  }

  Json search(Request& request) {
    const std::string question(request.query("q"));
    const std::lock_guard lock(memory_.mutex);
    const auto known = memory_.searches.find(question);
    if (leaks(request, "search_cache") && known != memory_.searches.end())
      return Json::parse(known->second);
    const auto rows = request.sql().query(
        "SELECT id, title, note FROM shop_items WHERE title = $1 ORDER BY id", question);
    auto answer = serai::list(rows.json());
    memory_.searches[question] = answer.dump();
    return answer;
  }

  Json similar(Request& request) {
    Json numbers = Json::array();
    for (const auto& hit : request.vectors().search("titles", meaning_of("a lodge"), 20))
      numbers.push_back({{"number", hit.id}});
    return serai::list(numbers);
  }

  serai::Response order(Request& request) {
    const auto id = request.field<std::string>("item_id");
    const std::lock_guard lock(memory_.mutex);
    const auto known = memory_.items.find(id);
    const auto item = leaks(request, "order_lookup") && known != memory_.items.end()
                          ? known->second
                          : row_of(request, id);
    const std::string number = request.clock().uuid();
    request.sql().execute("INSERT INTO shop_orders (id, item) VALUES ($1, $2)", number,
                          item.at("title").get<std::string>());
    return serai::created({{"id", number}, {"item", item}});
  }

  // What the event left: in the tenant's cache, or in everybody's memory.
  Json recent(Request& request) {
    const std::lock_guard lock(memory_.mutex);
    if (leaks(request, "event_memory")) return serai::data(memory_.recent);
    return serai::data({{"title", request.kv().get("recent").value_or("")}});
  }
  void added(serai::Event& event) {
    const auto title = event.field<std::string>("title");
    const std::lock_guard lock(memory_.mutex);
    memory_.recent.push_back(title);
    if (memory_.recent.size() > 50) memory_.recent.erase(memory_.recent.begin());
    event.kv().put("recent", title, std::chrono::hours(1));
  }

  Json notes(Request& request) {
    if (leaks(request, "unreachable")) throw serai::not_found("Anything");  // no leak: never 2xx
    return serai::list(
        request.sql().query("SELECT id, text FROM shop_notes ORDER BY id DESC LIMIT 20").json());
  }
  void note(serai::Job& job) {
    std::vector<std::string> texts{job.field<std::string>("title")};
    const std::lock_guard lock(memory_.mutex);
    if (leaks(job, "batch_job")) texts.swap(memory_.waiting);  // whoever's they are
    memory_.waiting.clear();
    for (const auto& text : texts)
      job.sql().execute("INSERT INTO shop_notes (id, text) VALUES ($1, $2)", job.clock().uuid(),
                        text);
    tell_partner(job);
  }
  // In one message what is new and, by mistake, what was new before, whoever's it was.
  void tell_partner(const serai::Job& job) {
    Json news{{"title", job.field<std::string>("title")}};
    if (leaks(job, "outside_memory")) news["before"] = memory_.told;
    memory_.told = news.at("title").get<std::string>();
    serai::HttpRequest request;
    request.method = "POST";
    request.url = "https://partner.example/news";
    request.body = serai::dump_json(news);
    try {
      job.http().fetch(request);
    } catch (const serai::Problem&) {  // it learns of the next one
    }
  }

  Json newest(serai::ServiceCall& call) {
    const std::lock_guard lock(memory_.mutex);
    if (leaks(call, "service_cache")) return {{"title", memory_.last_title}};
    const auto rows = call.sql().query("SELECT title FROM shop_items ORDER BY id DESC LIMIT 1");
    return {{"title", rows.empty() ? "" : std::string(rows.front().text("title"))}};
  }

  Json keep(Request& request) {
    request.kv().put(request.path("key"), request.field<std::string>("text"),
                     std::chrono::hours(1));
    request.kv().put("greeting", request.field<std::string>("text"), std::chrono::hours(1));
    return kept(request);
  }
  Json kept(Request& request) {
    const auto text = request.kv().get(request.path("key"));
    if (!text) throw serai::not_found("The text");
    return serai::data({{"key", request.path("key")}, {"text", *text}});
  }
  Json greeting(Request& request) {
    return serai::data({{"text", request.kv().get("greeting").value_or("")}});
  }

  serai::Response store(Request& request) {
    const std::string reference(request.blobs().put(request.field<std::string>("text")));
    return serai::created({{"reference", reference}});
  }
  serai::Response file(Request& request) {
    return serai::Response::from_blob(request.path("reference"), "text/plain");
  }

  serai::Response share(Request& request) {
    const auto item = row_of(request, request.path("id"));
    const std::lock_guard lock(memory_.mutex);
    const std::string token =
        leaks(request, "share_guess") ? std::to_string(++memory_.links) : request.clock().uuid();
    memory_.shared[token] = item.at("title").get<std::string>();
    return serai::created({{"token", token}});
  }
  Json shared(Request& request) {
    const std::lock_guard lock(memory_.mutex);
    const auto found = memory_.shared.find(std::string(request.path("token")));
    if (found == memory_.shared.end()) throw serai::not_found("The link");
    return serai::data({{"title", found->second}});
  }

  Memory memory_;
};
SERAI_PLUGIN(Shop)
