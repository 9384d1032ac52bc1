// The administrator's routes for moves: each needs what the one before it has answered, so one
// tenant goes out of the house and comes in again.
#include <algorithm>
#include <stdexcept>

#include "cli/isolation_test/exercise.hpp"
#include "moves/sealed_stream.hpp"

namespace host::cli::isolation_test {
namespace {

class Journey {
 public:
  Journey(TestHouse& house, const std::vector<Operation>& operations, Report& report)
      : house_(house), operations_(operations), report_(report) {}

  // Throws std::runtime_error if it is not answered 2xx, after it was reported.
  Answer step(const std::string& id, const std::map<std::string, std::string>& path,
              Pairs query = {}, std::string body = {},
              std::string type = "application/octet-stream") {
    const auto operation = std::find_if(operations_.begin(), operations_.end(),
                                        [&](const auto& one) { return one.id == id; });
    if (operation == operations_.end()) throw std::runtime_error("There is no operation " + id);
    Shape shape;
    shape.path = path;
    shape.query = std::move(query);
    auto ask = to_ask(*operation, shape, house_.platform());
    ask.headers.emplace_back("X-Archive-Key", key_);
    ask.body = std::move(body);
    if (!ask.body.empty()) ask.content_type = std::move(type);
    auto answer = house_.door().send(ask);
    const auto subject = operation->method + " " + operation->path;
    auto& row = report_.row(subject, "platform", "own");
    ++row.requests;
    ++row.statuses[answer.status];
    if (answer.good()) return answer;
    report_.not_exercised(subject,
                          std::to_string(answer.status) + " " + answer.body.substr(0, 400));
    throw std::runtime_error(subject);
  }
  std::string told(const Answer& answer, const char* name) const {
    return Json::parse(answer.body).at("data").at(name);
  }

 private:
  TestHouse& house_;
  const std::vector<Operation>& operations_;
  Report& report_;
  const std::string key_ = moves::StreamKey::random().hex();
};

}  // namespace

bool is_of_a_journey(const Operation& operation) {
  return operation.id.starts_with("admin.moves.") || operation.id.starts_with("admin.imports.") ||
         operation.id == "admin.tenants.export";
}

void Exercise::travel(const std::string& tenant, Report& report) {
  constexpr auto kJson = "application/json";
  Journey journey(house_, operations_, report);
  try {
    const auto move = journey.told(journey.step("admin.moves.begin", {{"id", tenant}}), "move");
    const std::map<std::string, std::string> leaving{{"id", tenant}, {"move", move}};
    const auto everything = journey.step("admin.moves.copy", leaving).body;
    const auto changes = journey.step("admin.moves.changes", leaving).body;
    journey.step("admin.moves.pause", leaving);
    const auto last = journey.step("admin.moves.changes", leaving, {{"final", "true"}}).body;
    journey.step("admin.moves.leave", leaving, {}, R"({"to":"elsewhere"})", kJson);
    journey.step("admin.moves.abort", leaving);
    journey.step("admin.tenants.export", {{"id", tenant}});
    journey.step("admin.tenants.delete", {{"id", tenant}}, {{"confirm", "true"}});

    const auto arrive = [&] {
      return std::map<std::string, std::string>{
          {"import", journey.told(journey.step("admin.imports.begin", {}), "import")}};
    };
    const auto coming = arrive();
    journey.step("admin.imports.feed", coming, {{"offset", "0"}}, everything);
    journey.step("admin.imports.compare", coming);
    journey.step("admin.imports.changes", coming, {}, changes);
    journey.step("admin.imports.changes", coming, {}, last);
    journey.step("admin.imports.finish", coming, {}, R"({"from":"itself"})", kJson);
    journey.step("admin.imports.abort", arrive());
  } catch (const std::runtime_error& trouble) {
    report.fault(std::string("A tenant could not leave the house and come back: ") +
                 trouble.what());
  }
}

}  // namespace host::cli::isolation_test
