#include "report.hpp"

#include <algorithm>
#include <map>

#include "serai/json.hpp"

namespace serai::check {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += byte >= 0x80 || byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return out;
}

// One line, without what would upset a terminal.
std::string line(const std::string& text) {
  std::string out = text;
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string all;
  for (const auto& sentence : sentences) all += (all.empty() ? "" : "\n") + line(sentence);
  return all;
}

}  // namespace

const char* to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::crashed:
      return "crashed";
    case Outcome::timed_out:
      return "timed out";
    default:
      return "skipped";
  }
}

std::string as_text(const Result& result) {
  std::string text = to_text(result.outcome);
  text.resize(10, ' ');
  text += result.check;
  text += " (" + std::to_string(result.time.count()) + " ms)\n";
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < result.findings.size() && i < kShown; ++i)
    text += "          " + line(result.findings[i]) + "\n";
  if (result.findings.size() > kShown)
    text += "          and " + std::to_string(result.findings.size() - kShown) + " more\n";
  if (!result.activity.empty()) text += "          at: " + line(result.activity) + "\n";
  for (const auto& note : result.notes) text += "          note: " + line(note) + "\n";
  return text;
}

std::string as_json(const std::vector<Result>& results, std::uint64_t seed) {
  Json all = {{"seed", seed}, {"results", Json::array()}};
  bool passed = true;
  for (const Result& result : results) {
    passed = passed && !is_bad(result.outcome);
    Json entry = {{"plugin", result.plugin.string()},   {"check", result.check},
                  {"outcome", to_text(result.outcome)}, {"time_ms", result.time.count()},
                  {"findings", result.findings},        {"notes", result.notes}};
    if (!result.activity.empty()) entry["activity"] = result.activity;
    all["results"].push_back(std::move(entry));
  }
  all["passed"] = passed;
  return all.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string as_junit(const std::vector<Result>& results, std::uint64_t seed) {
  std::map<std::string, std::vector<const Result*>> suites;
  for (const Result& result : results) suites[result.plugin.filename().string()].push_back(&result);
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& [plugin, entries] : suites) {
    const auto count = [&](auto wanted) {
      return std::to_string(std::count_if(entries.begin(), entries.end(),
                                          [&](const Result* r) { return wanted(r->outcome); }));
    };
    xml += "  <testsuite name=\"" + escaped(plugin) + "\" tests=\"" +
           std::to_string(entries.size()) + "\" failures=\"" +
           count([](Outcome o) { return o == Outcome::failed; }) + "\" errors=\"" +
           count([](Outcome o) { return o == Outcome::crashed || o == Outcome::timed_out; }) +
           "\" skipped=\"" + count([](Outcome o) { return o == Outcome::skipped; }) +
           "\">\n    <properties><property name=\"seed\" value=\"" + std::to_string(seed) +
           "\"/></properties>\n";
    for (const Result* result : entries) {
      xml += "    <testcase classname=\"" + escaped(plugin) + "\" name=\"" +
             escaped(result->check) + "\" time=\"" +
             std::to_string(static_cast<double>(result->time.count()) / 1000) + "\">";
      const char* element = result->outcome == Outcome::skipped  ? "skipped"
                            : result->outcome == Outcome::failed ? "failure"
                            : is_bad(result->outcome)            ? "error"
                                                                 : nullptr;
      if (element != nullptr)
        xml += std::string("<") + element + " message=\"" +
               escaped(result->findings.empty() ? to_text(result->outcome)
                                                : line(result->findings.front())) +
               "\">" + escaped(joined(result->findings)) +
               (result->activity.empty() ? "" : " at: " + escaped(line(result->activity))) + "</" +
               element + ">";
      xml += "</testcase>\n";
    }
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace serai::check
