#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/isolation_test/background.hpp"
#include "observe/metrics.hpp"

namespace host::cli::isolation_test {
namespace {

namespace fs = std::filesystem;

std::string few(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < 4; ++i) text += (i ? ", " : "") + words[i];
  return text;
}

// Lines of base64, as in mails, made into one; other text stays what it is.
std::string unwrapped(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != '\r' && c != '\n') out += c;
  return out;
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

// Nobody reads a label without reading them all: no mark of any tenant stands in one.
void look_at_metrics(const Side& side, Report& report) {
  auto& row = report.row("metrics", "scraper", "labels of " + side.label);
  ++row.requests;
  std::istringstream lines(observe::metrics().exposition());
  for (std::string line; std::getline(lines, line);) {
    std::string small = line;
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (small.find(side.marks.stem()) != small.npos)
      report.leak(row, "a series holds " + side.label + "'s data: " + line.substr(0, 200));
  }
}

void look_at_audit(TestHouse& house, const Side& attacker, const Side& victim, Report& report) {
  auto& row = report.row("audit", attacker.label, "export");
  ++row.requests;
  std::size_t entries = 0;
  house.rooms().audit->export_chain(house.token(attacker.id), [&](std::string_view line) {
    ++entries;
    if (const auto words = victim.marks.found_in(line); !words.empty())
      report.leak(
          row, "an exported entry holds " + few(words) + ": " + std::string(line.substr(0, 200)));
  });
  if (entries < 5) report.fault("the audit chain of " + attacker.label + " is empty");
}

void look_at_rows(TestHouse& house, const Side& attacker, const Side& victim, Report& report) {
  const auto state = Tripwire(house, attacker).state();
  for (const auto& [table, rows] : state) {
    auto& row = report.row("table " + table, attacker.label, "at rest");
    ++row.requests;
    for (const auto& text : rows)
      if (const auto words = victim.marks.found_in(text); !words.empty())
        report.leak(row, "a row holds " + few(words) + ": " + text.substr(0, 160));
  }
}

void look_at_files(TestHouse& house, const Side& attacker, const Side& victim, Report& report) {
  auto& row = report.row("files", attacker.label, "at rest");
  for (const auto& entry : fs::recursive_directory_iterator(house.data())) {
    const auto name = fs::relative(entry.path(), house.data()).string();
    if (!entry.is_regular_file() || name.find(attacker.id) == name.npos) continue;
    // Pages that were freed hold what was there; rows are looked at one by one above.
    ++row.requests;
    const auto bytes = content_of(entry.path());
    auto words = victim.marks.found_in(bytes);
    if (words.empty() && name.ends_with(".eml")) words = victim.marks.found_in(unwrapped(bytes));
    if (!words.empty()) report.leak(row, name + " holds " + few(words));
  }
}

}  // namespace

void look_at_rest(TestHouse& house, const Side& attacker, const Side& victim, Report& report) {
  look_at_metrics(attacker, report);
  look_at_metrics(victim, report);
  look_at_audit(house, attacker, victim, report);
  look_at_rows(house, attacker, victim, report);
  look_at_files(house, attacker, victim, report);
}

}  // namespace host::cli::isolation_test
