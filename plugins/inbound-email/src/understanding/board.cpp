#include "board.hpp"

#include <array>

#include "phrases.hpp"

namespace inbound {
namespace {

enum Board : int { ro, bb, hb, fb, ai };
constexpr std::array<const char*, 5> kCodes = {"ro", "bb", "hb", "fb", "ai"};

const PhraseTable& board_words() {
  static const PhraseTable table{{"room only", ro},
                                 {"self catering", ro},
                                 {"selfsorg", ro},
                                 {"ohne verpflegung", ro},
                                 {"sans repas", ro},
                                 {"solo alojamiento", ro},
                                 {"solo pernottamento", ro},
                                 {"so alojamento", ro},
                                 {"logies", ro},
                                 {"bed and breakfast", bb},
                                 {"bed & breakfast", bb},
                                 {"b&b", bb},
                                 {"b & b", bb},
                                 {"breakfast", bb},
                                 {"ontbyt", bb},
                                 {"bed en ontbyt", bb},
                                 {"fruhstuck", bb},
                                 {"ubernachtung fruhstuck", bb},
                                 {"petit dejeuner", bb},
                                 {"petits dejeuners", bb},
                                 {"desayuno*", bb},
                                 {"cafe da manha", bb},
                                 {"pequeno almoco", bb},
                                 {"colazione", bb},
                                 {"ontbijt", bb},
                                 {"half board", hb},
                                 {"hb", hb},
                                 {"dinner bed and breakfast", hb},
                                 {"dbb", hb},
                                 {"halfpension", hb},
                                 {"halfpensioen", hb},
                                 {"half pension", hb},
                                 {"halbpension", hb},
                                 {"hp", hb},
                                 {"demi pension", hb},
                                 {"demipension", hb},
                                 {"media pension", hb},
                                 {"meia pensao", hb},
                                 {"mezza pensione", hb},
                                 {"halfboard", hb},
                                 {"full board", fb},
                                 {"fb", fb},
                                 {"fullboard", fb},
                                 {"volpension", fb},
                                 {"vol pension", fb},
                                 {"volle losies", fb},
                                 {"vollpension", fb},
                                 {"vp", fb},
                                 {"pension complete", fb},
                                 {"pension completa", fb},
                                 {"pensao completa", fb},
                                 {"pensione completa", fb},
                                 {"all inclusive", ai},
                                 {"all incl", ai},
                                 {"ai", ai},
                                 {"all inclusief", ai},
                                 {"allinclusive", ai},
                                 {"alles ingesluit", ai},
                                 {"alles inbegrepe", ai},
                                 {"alles inklusive", ai},
                                 {"tout compris", ai},
                                 {"tout inclus", ai},
                                 {"todo incluido", ai},
                                 {"tudo incluido", ai},
                                 {"tutto incluso", ai},
                                 {"tutto compreso", ai},
                                 {"all in", ai},
                                 {"alles inbegrepen", ai},
                                 {"al inclusive", ai},
                                 {"all inklusiv", ai}};
  return table;
}

}  // namespace

Field<std::string> read_board(const Reading& mail) {
  Field<std::string> best;
  for (const auto& hit : board_words().find_all(mail.tokens)) {
    const auto& tokens = mail.tokens;
    const auto& word = tokens[hit.first];
    // Two letters mean a board only in capitals: "j'ai" is French, "FB" may be a network.
    double sure = 0.9;
    if (word.text.size() == 2 && hit.first == hit.last) {
      if (!word.capital) continue;
      const bool after_apostrophe = hit.first > 0 && tokens[hit.first - 1].is("'");
      const bool capitals = mail.text.substr(word.begin, 2).find_first_of("ibpIBP") == 1 &&
                            mail.text[word.begin + 1] <= 'Z';
      if (after_apostrophe || !capitals) continue;
      sure = 0.75;
    }
    // "$3000 all in": a price, not a board.
    if (word.is("all") && tokens[hit.last].is("in")) {
      if (mail.language == Language::english) continue;
      sure = 0.6;
    }
    if (mail.in_subject(hit.first)) sure -= 0.1;
    if (best && best->confidence >= sure) continue;
    best = found(mail, std::string(kCodes[static_cast<std::size_t>(hit.value)]), sure, hit.first,
                 hit.last);
  }
  return best;
}

}  // namespace inbound
