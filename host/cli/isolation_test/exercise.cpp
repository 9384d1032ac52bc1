#include "cli/isolation_test/exercise.hpp"

#include <algorithm>
#include <set>

namespace host::cli::isolation_test {
namespace {

constexpr std::size_t kVariants = 12;
// What else there is: things of which only older ones are in the state that a route wants.
constexpr std::size_t kLastVariants = 48;
constexpr std::size_t kMailForms = 4;  // of them, where a form needs no login

bool worth_knowing(std::string_view word) {
  const std::set<char> letters(word.begin(), word.end());
  return word.size() <= 64 && letters.size() > 4 && !looks_like_a_date(word) &&
         std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A text with enough in it to be indexed, and found by its mark.
std::string document(Marks& marks) {
  std::string text = "# " + marks.next() + "\n\n";
  for (int i = 0; i < 3; ++i)
    text += "The lodge " + marks.next() + " charges R950 per night, says " + marks.next() + ".\n\n";
  return text;
}

// What a route takes that imports, only its sister knows: ".../import" or "/imports" -> "/export".
std::string sister_export(std::string path) {
  if (path.ends_with("/imports")) path.pop_back();
  if (!path.ends_with("/import")) return "";
  return path.replace(path.size() - 6, 6, "export");
}

// A form that strangers post to a link's address, in the fields that providers of inbound mail use.
Shape mail_form(Side& side, const Shape& link) {
  Shape form;
  form.path = link.path;
  const auto sender = side.marks.next() + "@example.com";
  form.body = {{"from", "Anna " + side.marks.next() + " <" + sender + ">"},
               {"to", side.marks.next() + "@example.com"},
               {"subject", side.marks.next()},
               {"text", document(side.marks)}};
  return form;
}

// A record of CSV that has these values.
std::string csv_record(const Json& values) {
  std::string record;
  for (const auto& value : values) {
    auto text = value.is_null()     ? std::string()
                : value.is_string() ? value.get<std::string>()
                                    : value.dump();
    for (std::size_t at = 0; (at = text.find('"', at)) != text.npos; at += 2)
      text.insert(at, 1, '"');
    record += (record.empty() ? "\"" : ",\"") + text + "\"";
  }
  return record + "\n";
}

}  // namespace

int turn_of(const Operation& operation) {
  const bool plain = operation.path.find('{') == operation.path.npos;
  if (operation.method == "DELETE") return 9;
  if (operation.method == "POST" && plain) return 1;
  if (operation.method == "PUT") return 2;
  if (operation.method == "GET") return plain ? 0 : 3;
  return operation.method == "PATCH" ? 4 : 5;
}

bool searches(std::string_view name) {
  for (const auto* word : {"q", "query", "question", "search", "term", "text_query", "message"})
    if (name == word) return true;
  return false;
}

std::string Exercise::trouble(const Side& side, const Operation& operation) const {
  const auto found = troubles_.find({side.label, operation.id});
  return found == troubles_.end() ? "nobody tried" : found->second;
}

std::optional<Shape> Exercise::shape_of(Side& side, const Operation& operation, std::size_t variant,
                                        bool last_resort) {
  InventOptions options;
  options.all_fields = variant % 2 == 0;
  options.which_id = variant / 2;
  options.examples = variant < 8;
  Shape shape;
  for (const auto& name : operation.path_parameters()) {
    const auto known = side.pool.for_path(operation, name, last_resort ? kLastVariants / 2 : 8);
    if (!known.empty() && (operation.method != "PUT" || variant % 2 == 1))
      shape.path[name] = known[options.which_id % known.size()];
    else if (operation.method == "PUT" || last_resort)
      shape.path[name] = side.marks.next();
    else
      return std::nullopt;
  }
  for (const auto& parameter : operation.query) {
    if (!parameter.required && (!options.all_fields || names_a_cursor(parameter.name))) continue;
    const auto known = searches(parameter.name) ? side.pool.for_name("title") : Pool().links();
    shape.query.emplace_back(parameter.name, known.empty()
                                                 ? side.inventor.query_value(parameter, options)
                                                 : known[options.which_id % known.size()]);
  }
  if (operation.has_body) {
    shape.has_body = true;
    shape.body = side.inventor.value(operation.body, "", options);
    if (!shape.body.is_object() && operation.multipart) shape.body = Json::object();
    for (const auto* word : {"q", "query", "question", "search"})
      if (shape.body.is_object() && shape.body.contains(word) && shape.body[word].is_string())
        if (const auto known = side.pool.for_name("title"); !known.empty())
          shape.body[word] = known[options.which_id % known.size()];
  }
  if (operation.multipart) {
    shape.body.erase("file");
    shape.file_name = side.marks.next() + ".txt";
    shape.file_type = "text/plain";
    shape.file = document(side.marks);
    if (const auto own = side.exported.find(sister_export(operation.path));
        own != side.exported.end()) {
      shape.file_name = side.marks.next() + ".csv";
      shape.file_type = "text/csv";
      shape.file = own->second;
    }
    if (variant % 2 == 1) shape.file = table(side, operation, options, shape.file);
    if (operation.guard == Guard::nobody && variant < kMailForms) shape = mail_form(side, shape);
  }
  return shape;
}

// For `/things/import`: what POST /things takes, as a table. `otherwise` where there is no such.
std::string Exercise::table(Side& side, const Operation& operation, InventOptions options,
                            std::string otherwise) {
  const auto collection = operation.path.substr(0, operation.path.rfind('/'));
  const auto creator =
      std::find_if(operations_.begin(), operations_.end(), [&](const Operation& other) {
        return other.method == "POST" && other.path == collection && other.has_body;
      });
  if (creator == operations_.end()) return otherwise;
  options.all_fields = true;
  std::string rows;
  Json names = Json::array();
  for (int i = 0; i < 3; ++i) {
    const auto thing = side.inventor.value(creator->body, "", options);
    if (!thing.is_object()) return otherwise;
    Json values = Json::array();
    names.clear();
    for (const auto& [name, value] : thing.items()) {
      names.push_back(name);
      values.push_back(value);
    }
    rows += csv_record(values);
  }
  return csv_record(names) + rows;
}

void Exercise::learn(Side& side, const Operation& operation, const Answer& answer) {
  // A PDF's numbers are places in the file, alike in anybody's; what its owner put in is known.
  if (answer.body.starts_with("%PDF-")) return;
  const auto json = Json::parse(answer.body, nullptr, false);
  if (!json.is_discarded()) side.pool.harvest(operation, json);
  each_word(answer.body, [&](std::string_view word) { side.heard.emplace(word); });
  if (operation.path.ends_with("/export")) side.exported[operation.path] = answer.body;
  if (operation.guard == Guard::nobody) return;
  each_word(answer.body, [&](std::string_view word) {
    if (worth_knowing(word)) side.marks.own(word);
  });
}

bool Exercise::attempt_once(Side& side, const Operation& operation, const Actor& actor,
                            const Shape& shape) {
  const auto answer = house_.door().send(to_ask(operation, shape, actor));
  if (!answer.good()) {
    troubles_[{side.label, operation.id}] =
        std::to_string(answer.status) + " " + answer.body.substr(0, 400);
    return false;
  }
  learn(side, operation, answer);
  return true;
}

bool Exercise::attempt(Side& side, const Operation& operation, bool last_resort) {
  for (int repeat = 0; repeat < 2; ++repeat) {
    std::optional<Prepared> prepared;
    try {
      prepared = recipe(house_, side, operation);
    } catch (const std::exception& error) {
      troubles_[{side.label, operation.id}] = error.what();
      return false;
    }
    if (!prepared) break;
    if (attempt_once(side, operation, prepared->actor, prepared->shape)) {
      side.worked[operation.id] = prepared->shape;
      return true;
    }
    if (repeat == 1) return false;
  }
  if (operation.method == "DELETE") make_another(side, operation);
  auto& actor = operation.guard == Guard::nobody ? side.actors[5] : side.owner();
  const std::size_t variants = last_resort ? kLastVariants : kVariants;
  for (std::size_t variant = 0; variant < variants; ++variant) {
    const auto shape = shape_of(side, operation, variant, last_resort);
    if (!shape) {
      troubles_[{side.label, operation.id}] = "no answer named anything for its path";
      return false;
    }
    if (!attempt_once(side, operation, actor, *shape)) continue;
    variants_[{side.label, operation.id}] = variant;
    side.worked[operation.id] = *shape;
    if (operation.method == "DELETE")
      for (const auto& [name, value] : shape->path) side.pool.drop(value);
    return true;
  }
  return false;
}

Shape Exercise::again(Side& side, const Operation& operation) {
  const auto worked = side.worked.find(operation.id);
  if (has_recipe(operation)) return worked->second;
  const auto variant = variants_.find({side.label, operation.id});
  auto shape = shape_of(side, operation, variant == variants_.end() ? 0 : variant->second, true);
  return shape ? *shape : worked->second;
}

bool Exercise::make_another(Side& side, const Operation& operation) {
  const auto names = operation.path_parameters();
  if (names.empty()) return false;
  const auto collection = collection_of(operation.path, names.back());
  for (const auto& creator : operations_) {
    const bool makes = (creator.method == "POST" && creator.path == collection) ||
                       (creator.method == "PUT" && creator.path == operation.path);
    if (!makes || creator.id == operation.id) continue;
    const auto worked = side.worked.find(creator.id);
    if (worked == side.worked.end()) continue;
    const auto shape = again(side, creator);
    if (!attempt_once(side, creator, side.owner(), shape)) continue;
    for (const auto& [name, value] : shape.path) side.pool.add(creator.path, name, value);
    return true;
  }
  return false;
}

void Exercise::fill(Side& side) {
  std::vector<const Operation*> open;
  for (const auto& operation : operations_)
    if (operation.guard != Guard::admin) open.push_back(&operation);
  std::stable_sort(open.begin(), open.end(),
                   [](const auto* a, const auto* b) { return turn_of(*a) < turn_of(*b); });
  for (int pass = 0; pass < 4 && !open.empty(); ++pass) {
    if (pass > 0) look_again(side);
    std::erase_if(open, [&](const Operation* operation) {
      if (!attempt(side, *operation, pass == 3)) return false;
      if (turn_of(*operation) == 1)  // some more of everything
        for (int more = 0; more < 3; ++more) make_more(side, *operation);
      return true;
    });
    house_.settle(side);
  }
  look_for_things(side);
  // What came since: lists know cursors only when they are longer than a page.
  for (const auto& operation : operations_) {
    if (operation.method != "GET" || operation.guard != Guard::user ||
        !side.worked.contains(operation.id))
      continue;
    Shape shape = side.worked[operation.id];
    attempt_once(side, operation, side.owner(), shape);
    for (const auto& parameter : operation.query)
      if (parameter.name == "limit" || parameter.name == "page_size") {
        std::erase_if(shape.query, [&](const auto& pair) { return pair.first == parameter.name; });
        shape.query.emplace_back(parameter.name, "1");
        attempt_once(side, operation, side.owner(), shape);
      }
  }
}

// Lists tell of what was made since.
void Exercise::look_again(Side& side) {
  for (const auto& operation : operations_)
    if (turn_of(operation) == 0 && operation.guard == Guard::user)
      if (const auto worked = side.worked.find(operation.id); worked != side.worked.end()) {
        Shape shape = worked->second;  // from the beginning: what is new may be all there is
        std::erase_if(shape.query, [](const auto& pair) { return pair.first == "offset"; });
        attempt_once(side, operation, side.owner(), shape);
      }
}

// What was asked for before there was anything: now there is something to find.
void Exercise::look_for_things(Side& side) {
  for (const auto& operation : operations_) {
    if (operation.guard != Guard::user || !side.worked.contains(operation.id)) continue;
    const auto fields = operation.body.is_object()
                            ? operation.body.value("properties", Json::object())
                            : Json::object();
    bool asks = std::any_of(operation.query.begin(), operation.query.end(),
                            [](const auto& parameter) { return searches(parameter.name); });
    for (const auto& [name, schema] : fields.items()) asks = asks || searches(name);
    if (!asks) continue;
    const auto shape = again(side, operation);
    if (attempt_once(side, operation, side.owner(), shape)) side.worked[operation.id] = shape;
  }
}

void Exercise::make_more(Side& side, const Operation& operation) {
  if (operation.guard != Guard::user || has_recipe(operation)) return;
  attempt_once(side, operation, side.owner(), again(side, operation));
}

}  // namespace host::cli::isolation_test
