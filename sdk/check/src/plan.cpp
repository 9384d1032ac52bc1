#include "plan.hpp"

#include <algorithm>
#include <stdexcept>

#include "channel.hpp"
#include "schema.hpp"

namespace serai::check {
namespace {

int rank(const Input& input) {
  if (input.method == "POST" || input.method == "PUT") return 0;
  if (input.method == "GET") return 1;
  if (input.method == "DELETE") return 9;
  return input.kind == SERAI_HANDLER_ROUTE ? 2 : 3;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

const Json& list(const Json& manifest, const char* group, const char* name) {
  static const Json none = Json::array();
  const auto found = manifest.find(group);
  if (found == manifest.end()) return none;
  if (name == nullptr) return found->is_array() ? *found : none;
  const auto inner = found->is_object() ? found->find(name) : found->end();
  return found->is_object() && inner != found->end() && inner->is_array() ? *inner : none;
}

// Ids of an answer: what stands under "id" or "..._id".
void collect_ids(const Json& value, std::vector<std::string>& ids, int depth = 0) {
  if (!value.is_structured() || depth > 6 || ids.size() > 200) return;
  for (const auto& [name, item] : value.items()) {
    if (item.is_string() && (name == "id" || name.ends_with("_id")))
      ids.push_back(item.get<std::string>());
    collect_ids(item, ids, depth + 1);
  }
}

testing::Upload upload_of(const Json& part) {
  return {part.value("name", ""), part.value("data", ""), part.value("file_name", ""),
          part.value("content_type", "")};
}

}  // namespace

std::vector<Input> Plan::skeletons() const {
  std::vector<Input> all;
  const Json& manifest = manifest_.json();
  for (const Json& route : list(manifest, "routes", nullptr)) {
    Input input;
    input.method = route.value("method", "GET");
    input.path = route.value("path", "/");
    input.name = input.method + " " + input.path;
    input.handler = route.value("handler", "");
    input.declared = &route;
    all.push_back(input);
  }
  const auto add = [&](std::uint32_t kind, const Json& entries, const char* key,
                       const std::string& word, const std::string& prefix) {
    for (const Json& entry : entries) {
      Input input;
      input.kind = kind;
      input.message_kind = prefix + entry.value(key, "");
      input.name = word + " " + entry.value(key, "");
      input.handler = entry.value("handler", "");
      input.declared = &entry;
      if (kind != SERAI_HANDLER_SERVICE) input.id = "00000000-0000-7000-8000-00000000c0de";
      all.push_back(input);
    }
  };
  add(SERAI_HANDLER_JOB, list(manifest, "jobs", nullptr), "kind", "job", "");
  add(SERAI_HANDLER_EVENT, list(manifest, "events", "subscribes"), "type", "event", "event:");
  add(SERAI_HANDLER_SERVICE, list(manifest, "services", "provides"), "name", "service", "");
  return all;
}

std::string Plan::parameter() {
  if (!ids_.empty() && random_() % 3 != 0) return ids_[random_() % ids_.size()];
  static const char* const kSome[] = {
      "1",  "0",   "-1", "unknown", "Ada", "a'b\"c", "日本", "🙂", "99999999999999999999",
      "..", "a b", "%",  "x\\y",    "{id}"};
  return kSome[random_() % std::size(kSome)];
}

void Plan::fill_path(Input& input, bool sane) {
  std::string path;
  const std::string pattern = input.path;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t end = pattern[at] == '{' ? pattern.find('}', at) : std::string::npos;
    if (end == std::string::npos) {
      path += pattern[at++];
      continue;
    }
    std::string name = pattern.substr(at + 1, end - at - 1);
    if (name.ends_with("...")) name.resize(name.size() - 3);
    std::string value = sane ? parameter() : mutated_text(random_, parameter());
    if (value.empty()) value = "x";
    path += value;
    input.path_parameters.emplace_back(name, value);
    at = end + 1;
  }
  input.path = path;
}

Input Plan::valid(const Input& skeleton) {
  Input input = skeleton;
  const Json& declared = *input.declared;
  if (input.kind != SERAI_HANDLER_ROUTE) {
    input.body = input.kind == SERAI_HANDLER_SERVICE && random_() % 2 == 0
                     ? dump_json(random_json(random_, 3))
                     : "{}";
    return input;
  }
  fill_path(input, true);
  for (const Json& query : declared.value("query", Json::array())) {
    const std::string name = query.value("name", "");
    if (!query.value("required", false) && random_() % 2 == 0) {
      if (query.contains("default")) input.query.emplace_back(name, text_of(query["default"]));
      continue;
    }
    Json schema = query;
    if (!schema.contains("type")) schema["type"] = "string";
    schema.erase("required");
    input.query.emplace_back(name, text_of(fitting_json(random_, schema, mark_)));
  }
  if (declared.value("multipart", false)) {
    input.headers = {{"content-type", "multipart/form-data"}};
    input.parts.push_back({"file", "# Some words\n\n" + random_text(random_, 400) + mark_,
                           "some words.md", "text/markdown"});
    if (random_() % 2 == 0) input.parts.push_back({"title", random_text(random_, 60) + mark_});
    return input;
  }
  if (declared.contains("body")) {
    input.headers = {{"content-type", "application/json"}};
    Json body;
    // The generator does not know every keyword; the schema has the last word.
    for (int tries = 0; tries < 20; ++tries) {
      body = fitting_json(random_, declared["body"], mark_);
      if (testing::check_schema(declared["body"], body).empty()) break;
      input.admissible = tries < 19;
    }
    input.body = dump_json(body);
  } else if (input.method != "GET" && input.method != "DELETE" && random_() % 2 == 0) {
    input.headers = {{"content-type", "application/json"}};
    input.body = dump_json(random_json(random_, 3));
  }
  return input;
}

Input Plan::invalid(const Input& skeleton) {
  Input input = valid(skeleton);
  // Whatever another plugin sends to a service may come; a job's payload is the plugin's own.
  input.admissible = input.kind == SERAI_HANDLER_SERVICE;
  const Json schema = input.declared->value("body", Json(true));
  switch (random_() % 6) {
    case 0:
      input.body = dump_json(unfitting_json(random_, schema));
      break;
    case 1:
      input.body = dump_json(mutated(random_, Json::parse(input.body, nullptr, false)));
      break;
    case 2:
      input.body = mutated(random_, input.body);
      break;
    case 3:
      input.body = random_text(random_, 400);
      break;
    case 4:
      for (auto& [name, value] : input.query) value = mutated_text(random_, value);
      if (random_() % 2 == 0) input.query.clear();
      break;
    default:
      if (input.kind == SERAI_HANDLER_ROUTE) {
        input.path = skeleton.path;
        input.path_parameters.clear();
        fill_path(input, false);
      } else {
        input.body.clear();
      }
  }
  for (auto& part : input.parts) {
    if (random_() % 2 == 0) part.data = mutated(random_, part.data);
    if (random_() % 4 == 0) part.name = random_text(random_, 20);
    if (random_() % 4 == 0) part.file_name = random_text(random_, 30);
    if (random_() % 4 == 0) part.content_type = random_text(random_, 30);
  }
  if (!input.parts.empty() && random_() % 8 == 0) input.parts.clear();
  return input;
}

Input Plan::from_world(const Json& request) const {
  const std::string method = request.value("method", "GET");
  std::string path = request.value("path", "/");
  Input input;
  if (const std::size_t at = path.find('?'); at != std::string::npos) {
    std::string rest = path.substr(at + 1);
    path.resize(at);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('&'), rest.size());
      const std::string pair = rest.substr(0, end);
      rest.erase(0, end + 1);
      const std::size_t equals = std::min(pair.find('='), pair.size());
      input.query.emplace_back(pair.substr(0, equals),
                               equals < pair.size() ? pair.substr(equals + 1) : "");
    }
  }
  bool known = false;
  const Json* route = manifest_.route(method, path, &input.path_parameters, &known);
  if (route == nullptr)
    throw std::invalid_argument("The world asks for " + method + " " + path +
                                ", which is no route of the plugin.");
  input.method = method;
  input.path = path;
  input.name = method + " " + route->value("path", "");
  input.handler = route->value("handler", "");
  input.declared = route;
  for (const Json& query : route->value("query", Json::array())) {
    const std::string name = query.value("name", "");
    const bool there = std::any_of(input.query.begin(), input.query.end(),
                                   [&](const auto& pair) { return pair.first == name; });
    if (!there && query.contains("default"))
      input.query.emplace_back(name, text_of(query["default"]));
  }
  if (request.contains("body")) {
    input.headers = {{"content-type", "application/json"}};
    input.body = dump_json(request["body"]);
  }
  for (const Json& part : request.value("form", Json::array()))
    input.parts.push_back(upload_of(part));
  if (!input.parts.empty()) input.headers = {{"content-type", "multipart/form-data"}};
  return input;
}

Input Plan::message_from_world(const Json& message) const {
  for (const Input& skeleton : skeletons()) {
    if (skeleton.name != message.value("kind", "") + " " + message.value("name", "")) continue;
    Input input = skeleton;
    input.body = dump_json(message.value("payload", Json::object()));
    return input;
  }
  throw std::invalid_argument("The world sends " + message.value("kind", "") + " " +
                              message.value("name", "") + ", which the plugin does not declare.");
}

std::vector<Input> Plan::script() {
  std::vector<Input> all;
  for (const Json& request : world_.requests) all.push_back(from_world(request));
  for (const Json& message : world_.messages) all.push_back(message_from_world(message));
  std::vector<Input> made = skeletons();
  std::stable_sort(made.begin(), made.end(),
                   [](const Input& left, const Input& right) { return rank(left) < rank(right); });
  for (const Input& skeleton : made) {
    // Jobs run as the plugin queues them, or as the schedule does, without a payload.
    if (skeleton.kind == SERAI_HANDLER_JOB) {
      const std::string kind = skeleton.message_kind;
      if (manifest_.find("schedules", "kind", kind) == nullptr) continue;
    }
    all.push_back(valid(skeleton));
  }
  return all;
}

void Plan::learn(const Answer& answer) {
  if (answer.http < 300 && ids_.size() < 200)
    collect_ids(Json::parse(answer.body, nullptr, false), ids_);
}

std::vector<Answer> run_script(House& house, Plan& plan, const std::vector<Input>& script,
                               const Who& who) {
  std::vector<Answer> answers;
  for (const Input& input : script) {
    answers.push_back(house.send(input, who));
    judge(input, answers.back());
    plan.learn(answers.back());
    house.run_jobs(who);
  }
  return answers;
}

Who everybody(const House& house) {
  Who who;
  who.permissions = house.permissions();
  return who;
}

}  // namespace serai::check
