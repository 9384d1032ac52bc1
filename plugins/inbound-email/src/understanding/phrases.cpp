#include "phrases.hpp"

namespace inbound {
namespace {

bool joins(const Token& token) {
  return token.kind == TokenKind::mark &&
         (token.is("-") || token.is("'") || token.is("/") || token.is("."));
}

// The next token of a phrase after `at`, over one joining mark.
std::size_t next_of_phrase(const Tokens& tokens, std::size_t at) {
  const std::size_t next = at + 1;
  if (next + 1 < tokens.size() && joins(tokens[next]) && tokens[next + 1].is_word() &&
      (!tokens[next].spaced || tokens[next].is("-"))) {
    return next + 1;
  }
  return next;
}

}  // namespace

std::uint16_t PhraseTable::key(std::string_view word) {
  const auto byte = [&](std::size_t i) {
    return i < word.size() && word[i] != '*' ? static_cast<unsigned char>(word[i]) : 0U;
  };
  return static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
}

PhraseTable::PhraseTable(std::span<const Phrase> phrases) {
  for (const auto& phrase : phrases) {
    Entry entry;
    entry.value = phrase.value;
    auto rest = phrase.words;
    entry.open = rest.ends_with('*');
    if (entry.open) rest.remove_suffix(1);
    while (!rest.empty()) {
      const auto space = std::min(rest.find(' '), rest.size());
      entry.words.push_back(rest.substr(0, space));
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    const auto first = key(entry.words.front());
    entries_[first].push_back(std::move(entry));
  }
}

bool PhraseTable::match(const Entry& entry, const Tokens& tokens, std::size_t at,
                        std::size_t& last) {
  for (std::size_t word = 0; word < entry.words.size(); ++word) {
    if (word > 0) at = next_of_phrase(tokens, at);
    if (at >= tokens.size()) return false;
    const bool open = entry.open && word + 1 == entry.words.size();
    const std::string_view text = tokens[at].text;
    if (open ? !text.starts_with(entry.words[word]) : text != entry.words[word]) return false;
    last = at;
  }
  return true;
}

const PhraseHit* PhraseTable::find_at(const Tokens& tokens, std::size_t at, PhraseHit& hit) const {
  if (at >= tokens.size()) return nullptr;
  const auto bucket = entries_.find(key(tokens[at].text));
  if (bucket == entries_.end()) return nullptr;
  std::size_t longest = 0;
  for (const auto& entry : bucket->second) {
    std::size_t last = at;
    if (entry.words.size() <= longest || !match(entry, tokens, at, last)) continue;
    longest = entry.words.size();
    hit = {at, last, entry.value};
  }
  return longest > 0 ? &hit : nullptr;
}

bool PhraseTable::matches_at(const Tokens& tokens, std::size_t at) const {
  PhraseHit hit;
  return find_at(tokens, at, hit) != nullptr;
}

std::vector<PhraseHit> PhraseTable::find_all(const Tokens& tokens) const {
  std::vector<PhraseHit> hits;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    PhraseHit hit;
    if (find_at(tokens, at, hit) == nullptr) continue;
    hits.push_back(hit);
    at = hit.last;
  }
  return hits;
}

}  // namespace inbound
