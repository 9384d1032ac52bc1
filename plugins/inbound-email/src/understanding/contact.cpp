#include "contact.hpp"

#include "phrases.hpp"

namespace inbound {
namespace {

bool joins_digits(const Token& token) {
  return token.is("-") || token.is(".") || token.is("(") || token.is(")") || token.is("/");
}

}  // namespace

Field<std::string> read_phone(const Reading& mail) {
  static const PhraseTable labels{{"tel*", 0},     {"phone", 0},     {"cell*", 0},  {"mobile", 0},
                                  {"sel", 0},      {"handy", 0},     {"mob*", 0},   {"whatsapp", 0},
                                  {"movil", 0},    {"cellulare", 0}, {"t", 0},      {"gsm", 0},
                                  {"portable", 0}, {"call me", 0},   {"contact", 0}};
  const auto& tokens = mail.tokens;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!tokens[at].is_number()) continue;
    const bool plus = at > 0 && tokens[at - 1].is("+") && !tokens[at].spaced;
    std::string digits = plus ? "+" : "";
    std::size_t last = at;
    std::size_t groups = 0;
    for (std::size_t i = at; i < tokens.size() && i < at + 16; ++i) {
      if (tokens[i].line_start && i > at) break;
      if (tokens[i].is_number()) {
        digits += tokens[i].text;
        last = i;
        ++groups;
      } else if (!joins_digits(tokens[i])) {
        break;
      }
    }
    const std::size_t count = digits.size() - (plus ? 1 : 0);
    bool labelled = false;
    for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
      labelled = labelled || labels.matches_at(tokens, at - back);
    }
    // Without "+" or a label only what begins with 0, as a number dialled at home does.
    const bool national = digits.starts_with('0') && count >= 9;
    if (count >= 8 && count <= 15 && (plus || labelled || national)) {
      return found(mail, std::move(digits), plus || labelled ? 0.9 : 0.7, plus ? at - 1 : at, last);
    }
    if (groups > 0) at = last;
  }
  return std::nullopt;
}

}  // namespace inbound
