// See collection.hpp.
#include "collection.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace bench {
namespace {

template <typename Use>
void each_line(const std::filesystem::path& file, Use use) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) use(line);
  }
}

char neighbour_key(char letter, std::uint64_t random) {
  static constexpr std::array<std::string_view, 3> kRows = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};
  for (const std::string_view row : kRows) {
    const std::size_t at = row.find(letter);
    if (at == std::string_view::npos) continue;
    if (at == 0) return row[1];
    if (at + 1 == row.size()) return row[at - 1];
    return random % 2 == 0 ? row[at - 1] : row[at + 1];
  }
  return 'x';
}

void spoil(std::string& word, std::mt19937_64& random) {
  const std::size_t at = random() % word.size();
  switch (random() % 4) {
    case 0:
      std::swap(word[std::min(at, word.size() - 2)], word[std::min(at, word.size() - 2) + 1]);
      return;
    case 1:
      word.erase(at, 1);
      return;
    case 2:
      word.insert(at, 1, word[at]);
      return;
    default:
      word[at] = neighbour_key(static_cast<char>(std::tolower(word[at])), random());
  }
}

}  // namespace

Collection read_collection(const std::filesystem::path& folder) {
  Collection collection;
  collection.name = folder.filename().string();
  each_line(folder / "corpus.jsonl", [&](const std::string& line) {
    const auto row = nlohmann::json::parse(line);
    const std::string title = row.value("title", "");
    const std::string text = row.value("text", "");
    const std::string tenant = row.contains("tenant") ? row.at("tenant").get<std::string>() : "";
    collection.tenants[tenant].documents.push_back(
        {row.at("_id"), title.empty() ? text : title + "\n" + text});
  });
  bool by_tenant = false;
  std::vector<std::pair<std::string, Text>> queries;
  each_line(folder / "queries.jsonl", [&](const std::string& line) {
    const auto row = nlohmann::json::parse(line);
    by_tenant = by_tenant || row.contains("tenant");
    queries.push_back({row.value("tenant", ""), {row.at("_id"), row.at("text")}});
  });
  if (!by_tenant) {
    Corpus whole;
    for (auto& [tenant, corpus] : collection.tenants) {
      for (Text& document : corpus.documents) whole.documents.push_back(std::move(document));
    }
    collection.tenants.clear();
    collection.tenants[""] = std::move(whole);
  }
  for (auto& [tenant, query] : queries) collection.tenants[tenant].queries.push_back(query);
  each_line(folder / "qrels.tsv", [&](const std::string& line) {
    std::istringstream fields(line);
    std::string query;
    std::string document;
    std::string gain;
    std::getline(fields, query, '\t');
    std::getline(fields, document, '\t');
    std::getline(fields, gain, '\t');
    if (gain.empty() || std::isdigit(static_cast<unsigned char>(gain[0])) == 0) return;
    if (const double value = std::stod(gain); value > 0) collection.gains[query][document] = value;
  });
  return collection;
}

std::string mistype(const std::string& query, double share, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::istringstream words(query);
  std::string out;
  for (std::string word; words >> word;) {
    const bool chosen = static_cast<double>(random() >> 11) * 0x1.0p-53 < share;
    const auto letters = std::count_if(word.begin(), word.end(),
                                       [](unsigned char c) { return std::isalpha(c) != 0; });
    if (chosen && letters >= 3) spoil(word, random);
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

double ndcg(const std::vector<std::string>& found,
            const std::unordered_map<std::string, double>& gains) {
  constexpr std::size_t kDepth = 10;
  double sum = 0;
  for (std::size_t i = 0; i < std::min(kDepth, found.size()); ++i) {
    const auto gain = gains.find(found[i]);
    if (gain != gains.end()) sum += gain->second / std::log2(static_cast<double>(i) + 2);
  }
  std::vector<double> ideal;
  for (const auto& [document, gain] : gains) ideal.push_back(gain);
  std::sort(ideal.rbegin(), ideal.rend());
  double most = 0;
  for (std::size_t i = 0; i < std::min(kDepth, ideal.size()); ++i) {
    most += ideal[i] / std::log2(static_cast<double>(i) + 2);
  }
  return most > 0 ? sum / most : 0;
}

}  // namespace bench
