// See search_words.hpp.
#include "search_words.hpp"

#include "text.hpp"

namespace crm {
namespace {

constexpr std::size_t kMostWords = 80;  // of one client
constexpr std::size_t kMostAsked = 8;
constexpr std::size_t kShortestEnding = 4;

}  // namespace

std::set<std::string> search_words(const Client& client, const std::vector<std::string>& emails) {
  std::set<std::string> found;
  const auto add = [&](const std::vector<std::string>& more) {
    for (const auto& word : more) {
      if (found.size() < kMostWords) found.insert(word);
    }
  };
  add(words(client.name));
  add(words(client.client_id));
  const std::string number = client.phone ? digits(*client.phone) : std::string();
  if (!number.empty()) add({number});
  for (std::size_t from = 1; from + kShortestEnding <= number.size(); ++from) {
    add({number.substr(from)});
  }
  for (const auto& email : emails) add(words(email));
  return found;
}

std::vector<std::string> query_words(std::string_view query) {
  if (looks_like_phone(query)) {
    const std::string number = digits(query);
    return number.empty() ? std::vector<std::string>() : std::vector<std::string>{number};
  }
  auto asked = words(query);
  if (asked.size() > kMostAsked) asked.resize(kMostAsked);
  return asked;
}

std::string behind(const std::string& word) { return word + "\xF4\x8F\xBF\xBF"; }

}  // namespace crm
