#include "date_words.hpp"

#include <array>

#include "edit_distance.hpp"

namespace inbound {
namespace {

const PhraseTable& months() {
  static const PhraseTable table{
      {"january", 1},    {"januar", 1},    {"januarie", 1},   {"januari", 1},    {"janvier", 1},
      {"enero", 1},      {"janeiro", 1},   {"gennaio", 1},    {"janner", 1},     {"jan", 1},
      {"february", 2},   {"februar", 2},   {"februarie", 2},  {"februari", 2},   {"fevrier", 2},
      {"febrero", 2},    {"fevereiro", 2}, {"febbraio", 2},   {"feb", 2},        {"fev", 2},
      {"march", 3},      {"marz", 3},      {"maerz", 3},      {"maart", 3},      {"mars", 3},
      {"marzo", 3},      {"marco", 3},     {"mrt", 3},        {"april", 4},      {"avril", 4},
      {"abril", 4},      {"aprile", 4},    {"apr", 4},        {"avr", 4},        {"mai", 5},
      {"mei", 5},        {"mayo", 5},      {"maio", 5},       {"maggio", 5},     {"june", 6},
      {"juni", 6},       {"junie", 6},     {"juin", 6},       {"junio", 6},      {"junho", 6},
      {"giugno", 6},     {"jun", 6},       {"july", 7},       {"juli", 7},       {"julie", 7},
      {"juillet", 7},    {"julio", 7},     {"julho", 7},      {"luglio", 7},     {"jul", 7},
      {"juil", 7},       {"august", 8},    {"augustus", 8},   {"aout", 8},       {"agosto", 8},
      {"aug", 8},        {"september", 9}, {"septembre", 9},  {"septiembre", 9}, {"setiembre", 9},
      {"setembro", 9},   {"settembre", 9}, {"sep", 9},        {"sept", 9},       {"october", 10},
      {"oktober", 10},   {"octobre", 10},  {"octubre", 10},   {"outubro", 10},   {"ottobre", 10},
      {"oct", 10},       {"okt", 10},      {"ott", 10},       {"november", 11},  {"novembre", 11},
      {"noviembre", 11}, {"novembro", 11}, {"nov", 11},       {"december", 12},  {"dezember", 12},
      {"desember", 12},  {"decembre", 12}, {"diciembre", 12}, {"dezembro", 12},  {"dicembre", 12},
      {"dec", 12},       {"dez", 12}};
  return table;
}

const PhraseTable& weak_months() {
  static const PhraseTable table{{"may", 5}, {"mar", 3},  {"mag", 5},  {"set", 9}, {"out", 10},
                                 {"ago", 8}, {"des", 12}, {"dic", 12}, {"gen", 1}, {"ene", 1},
                                 {"abr", 4}, {"giu", 6},  {"lug", 7}};
  return table;
}

// Full names, for those who mistype them.
constexpr std::array kLongNames = {
    Phrase{"january", 1},    Phrase{"february", 2},  Phrase{"september", 9},
    Phrase{"october", 10},   Phrase{"november", 11}, Phrase{"december", 12},
    Phrase{"august", 8},     Phrase{"septembre", 9}, Phrase{"oktober", 10},
    Phrase{"dezember", 12},  Phrase{"desember", 12}, Phrase{"februar", 2},
    Phrase{"januar", 1},     Phrase{"settembre", 9}, Phrase{"setembro", 9},
    Phrase{"outubro", 10},   Phrase{"octubre", 10},  Phrase{"juillet", 7},
    Phrase{"diciembre", 12}, Phrase{"dicembre", 12}, Phrase{"septiembre", 9},
    Phrase{"febbraio", 2},   Phrase{"gennaio", 1}};

}  // namespace

std::optional<MonthWord> month_at(const Tokens& tokens, std::size_t at) {
  if (at >= tokens.size() || !tokens[at].is_word()) return std::nullopt;
  PhraseHit hit;
  if (months().find_at(tokens, at, hit) != nullptr) return MonthWord{hit.value, false};
  if (weak_months().find_at(tokens, at, hit) != nullptr) return MonthWord{hit.value, true};
  const auto& word = tokens[at].text;
  if (word.size() < 6 || word.size() > 11) return std::nullopt;
  for (const auto& name : kLongNames) {
    if (word.front() == name.words.front() && edit_distance(word, name.words, 1) <= 1) {
      return MonthWord{name.value, true};
    }
  }
  return std::nullopt;
}

std::optional<int> weekday_at(const Tokens& tokens, std::size_t at) {
  static const PhraseTable table{
      {"sunday", 0},       {"sun", 0},         {"sondag", 0},       {"sonntag", 0},
      {"dimanche", 0},     {"domingo", 0},     {"domenica", 0},     {"zondag", 0},
      {"monday", 1},       {"mon", 1},         {"maandag", 1},      {"montag", 1},
      {"lundi", 1},        {"lunes", 1},       {"segunda", 1},      {"segunda feira", 1},
      {"lunedi", 1},       {"tuesday", 2},     {"tue", 2},          {"tues", 2},
      {"dinsdag", 2},      {"dienstag", 2},    {"mardi", 2},        {"martes", 2},
      {"terca", 2},        {"terca feira", 2}, {"martedi", 2},      {"wednesday", 3},
      {"wed", 3},          {"woensdag", 3},    {"mittwoch", 3},     {"mercredi", 3},
      {"miercoles", 3},    {"quarta", 3},      {"quarta feira", 3}, {"mercoledi", 3},
      {"thursday", 4},     {"thu", 4},         {"thurs", 4},        {"donderdag", 4},
      {"donnerstag", 4},   {"jeudi", 4},       {"jueves", 4},       {"quinta", 4},
      {"quinta feira", 4}, {"giovedi", 4},     {"friday", 5},       {"fri", 5},
      {"vrydag", 5},       {"freitag", 5},     {"vendredi", 5},     {"viernes", 5},
      {"sexta", 5},        {"sexta feira", 5}, {"venerdi", 5},      {"vrijdag", 5},
      {"saturday", 6},     {"sat", 6},         {"saterdag", 6},     {"samstag", 6},
      {"sonnabend", 6},    {"samedi", 6},      {"sabado", 6},       {"sabato", 6},
      {"zaterdag", 6}};
  PhraseHit hit;
  if (table.find_at(tokens, at, hit) == nullptr) return std::nullopt;
  return hit.value;
}

bool is_ordinal_ending(const Token& token) {
  for (const auto* ending :
       {"st", "nd", "rd", "th", "er", "ro", "o", "a", "ste", "de", "e", "\xC2\xBA", "\xC2\xB0"}) {
    if (!token.spaced && token.is(ending)) return true;
  }
  return false;
}

bool is_of(const Token& token) {
  for (const auto* word : {"of", "de", "d", "di", "do", "del", "van", "'", "."}) {
    if (token.is(word)) return true;
  }
  return false;
}

bool is_filler(const Token& token) {
  for (const auto* word :
       {"the", "le",  "la", "l",   "il",  "el", "o",    "den", "dem",   "die", "der",
        "am",  "ab",  "on", "op",  "om",  "de", "del",  "dia", "no",    "em",  "dal",
        "vom", "zum", "du", "les", "het", "at", "dit",  "an",  "about", "ca",  "around",
        "ou",  ",",   "'",  "(",   ":",   "in", "date", "say", "approx"}) {
    if (token.is(word)) return true;
  }
  return false;
}

const PhraseTable& until_words() {
  static const PhraseTable table{
      {"until", 0},    {"till", 0},     {"til", 0},    {"through", 0},    {"thru", 0},
      {"bis", 0},      {"tot", 0},      {"t m", 0},    {"tot en met", 0}, {"jusqu", 0},
      {"jusqu au", 0}, {"hasta", 0},    {"ate", 0},    {"fino a", 0},     {"fino al", 0},
      {"bis zum", 0},  {"hasta el", 0}, {"ate ao", 0}, {"to", 1},         {"au", 1},
      {"al", 1},       {"a", 1},        {"ao", 1},     {"-", 1},          {"->", 1},
      {">", 1},        {"to the", 1},   {"as", 1},     {"and back on", 1}};
  return table;
}

const PhraseTable& between_words() {
  static const PhraseTable table{{"between", 0}, {"zwischen", 0}, {"entre", 0},
                                 {"tra", 0},     {"fra", 0},      {"tussen", 0}};
  return table;
}

const PhraseTable& and_words() {
  static const PhraseTable table{{"and", 0}, {"und", 0}, {"et", 0}, {"y", 0},
                                 {"e", 0},   {"en", 0},  {"&", 0}};
  return table;
}

const PhraseTable& return_words() {
  static const PhraseTable table{
      {"return*", 0},     {"back", 0},      {"home", 0},         {"leav*", 0},     {"check out", 0},
      {"checkout", 0},    {"depart on", 0}, {"fly out", 1},      {"abreise", 0},   {"ruckreise", 0},
      {"ruckflug", 0},    {"zuruck", 0},    {"retour", 0},       {"revenir", 0},   {"rentrer", 0},
      {"regreso", 0},     {"vuelta", 0},    {"volver", 0},       {"regresso", 0},  {"volta", 0},
      {"retorno", 0},     {"ritorno", 0},   {"rientro", 0},      {"terugreis", 0}, {"terug", 0},
      {"terugvlucht", 0}, {"terugkeer", 0}, {"vertrek weer", 0}, {"salida el", 1}};
  return table;
}

const PhraseTable& from_words() {
  static const PhraseTable table{
      {"from", 0},    {"starting", 0}, {"start*", 0},   {"arriv*", 0},   {"check in", 0},
      {"on", 0},      {"land*", 0},    {"ab", 0},       {"vom", 0},      {"am", 0},
      {"anreise", 0}, {"vanaf", 0},    {"van", 0},      {"op", 0},       {"du", 0},
      {"le", 0},      {"a partir", 0}, {"depart*", 0},  {"del", 0},      {"desde", 0},
      {"el", 0},      {"de", 0},       {"no dia", 0},   {"em", 0},       {"dal", 0},
      {"il", 0},      {"al", 0},       {"llegada", 0},  {"ingreso", 0},  {"salida", 0},
      {"saida", 0},   {"partenza", 0}, {"vertrek", 0},  {"heenreis", 0}, {"date*", 0},
      {"datum", 0},   {"fecha", 0},    {"zeitraum", 0}, {"dem", 0},      {"bis", 0},
      {"tot", 0},     {"fra", 0},      {"entre", 0},    {"between", 0},  {"zwischen", 0}};
  return table;
}

const PhraseTable& next_words() {
  static const PhraseTable table{
      {"next", 0},       {"this", 0},    {"coming", 0},   {"volgende", 0},  {"komende", 0},
      {"aankomende", 0}, {"hierdie", 0}, {"nachste*", 0}, {"kommende*", 0}, {"diesen", 0},
      {"prochain*", 0},  {"proxim*", 0}, {"prossim*", 0}, {"que viene", 0}, {"que vem", 0},
      {"aanstaande", 0}, {"volgend", 0}, {"este", 0},     {"questo", 0},    {"ce", 0}};
  return table;
}

const PhraseTable& next_year_words() {
  static const PhraseTable table{
      {"next year", 0},        {"volgende jaar", 0}, {"volgend jaar", 0},
      {"aanstaande jaar", 0},  {"nachstes jahr", 0}, {"nachsten jahres", 0},
      {"kommenden jahres", 0}, {"nachstem jahr", 0}, {"kommendes jahr", 0},
      {"annee prochaine", 0},  {"an prochain", 0},   {"proximo ano", 0},
      {"ano que viene", 0},    {"ano que vem", 0},   {"anno prossimo", 0},
      {"prossimo anno", 0},    {"ano proximo", 0},   {"ano seguinte", 0}};
  return table;
}

const PhraseTable& wedding_words() {
  static const PhraseTable table{
      {"married", 0},     {"marry*", 0},    {"wedding", 0},  {"trou", 0},       {"troue", 0},
      {"heirat*", 0},     {"hochzeit", 0},  {"mari*", 0},    {"casamos", 0},    {"boda", 0},
      {"casar", 0},       {"casamento", 0}, {"sposiamo", 0}, {"matrimonio", 0}, {"trouwen", 0},
      {"bruiloft", 0},    {"trouwt", 0},    {"nozze", 0},    {"born", 0},       {"geboren", 0},
      {"birthday on", 0}, {"turns", 0}};
  return table;
}

const PhraseTable& in_words() {
  static const PhraseTable table{{"in", 0},     {"oor", 0},       {"over", 0},   {"dans", 0},
                                 {"en", 0},     {"dentro de", 0}, {"em", 0},     {"daqui a", 0},
                                 {"tra", 0},    {"fra", 0},       {"within", 0}, {"binne", 0},
                                 {"binnen", 0}, {"entro", 0},     {"d ici", 0}};
  return table;
}

const PhraseTable& feast_words() {
  static const PhraseTable table{{"easter", kEaster},
                                 {"ostern", kEaster},
                                 {"osterferien", kEaster},
                                 {"paques", kEaster},
                                 {"semana santa", kEaster},
                                 {"pascua", kEaster},
                                 {"pascoa", kEaster},
                                 {"pasqua", kEaster},
                                 {"pasen", kEaster},
                                 {"paas*", kEaster},
                                 {"good friday", kGoodFriday},
                                 {"karfreitag", kGoodFriday},
                                 {"goeie vrydag", kGoodFriday},
                                 {"goede vrijdag", kGoodFriday},
                                 {"vendredi saint", kGoodFriday},
                                 {"viernes santo", kGoodFriday},
                                 {"sexta feira santa", kGoodFriday},
                                 {"venerdi santo", kGoodFriday},
                                 {"christmas", kChristmas},
                                 {"xmas", kChristmas},
                                 {"kersfees", kChristmas},
                                 {"weihnacht*", kChristmas},
                                 {"noel", kChristmas},
                                 {"navidad*", kChristmas},
                                 {"natal", kChristmas},
                                 {"natale", kChristmas},
                                 {"kerst*", kChristmas}};
  return table;
}

}  // namespace inbound
