// Phrases that say how many travel without naming adults or children.
#include "traveller_words.hpp"

namespace inbound {

const PhraseTable& spouse_phrases() {
  static const PhraseTable table{
      {"my wife", 2},        {"my husband", 2},      {"my partner", 2},      {"my fiance*", 2},
      {"my girlfriend", 2},  {"my boyfriend", 2},    {"the hubby", 2},       {"my hubby", 2},
      {"the wife", 2},       {"the missus", 2},      {"me and mum", 2},      {"me mum", 2},
      {"me + mum", 2},       {"my vrou", 2},         {"my man", 2},          {"my verloofde", 2},
      {"my eggenoot", 2},    {"mein mann", 2},       {"meine frau", 2},      {"meiner frau", 2},
      {"meinem mann", 2},    {"mein partner", 2},    {"meine partnerin", 2}, {"mein freund", 2},
      {"meine freundin", 2}, {"meiner freundin", 2}, {"meine verlobte", 2},  {"mon mari", 2},
      {"ma femme", 2},       {"mon conjoint", 2},    {"ma conjointe", 2},    {"mon compagnon", 2},
      {"ma compagne", 2},    {"mon epou*", 2},       {"mon amie", 2},        {"mon copain", 2},
      {"ma copine", 2},      {"mi mujer", 2},        {"mi marido", 2},       {"mi esposa", 2},
      {"mi esposo", 2},      {"mi pareja", 2},       {"mi novia", 2},        {"mi novio", 2},
      {"minha esposa", 2},   {"minha mulher", 2},    {"meu marido", 2},      {"meu namorado", 2},
      {"minha namorada", 2}, {"meu esposo", 2},      {"mia moglie", 2},      {"mio marito", 2},
      {"la mia ragazza", 2}, {"il mio ragazzo", 2},  {"il mio compagno", 2}, {"la mia compagna", 2},
      {"mijn vrouw", 2},     {"mijn man", 2},        {"mijn vriend", 2},     {"mijn vriendin", 2},
      {"mijn partner", 2},   {"my mum and i", 2},    {"my sister and i", 2}, {"my friend and i", 2},
      {"mother and i", 2}};
  return table;
}

const PhraseTable& solo_phrases() {
  static const PhraseTable table{
      {"alone", 1},       {"solo traveller", 1}, {"solo traveler", 1}, {"by myself", 1},
      {"on my own", 1},   {"just me", 1},        {"net ek", 1},        {"alleen", 0},
      {"allein", 1},      {"alleine", 1},        {"seul", 1},          {"seule", 1},
      {"viajo sola", 1},  {"viajo solo", 1},     {"viajar sola", 1},   {"viajar solo", 1},
      {"sozinho", 1},     {"sozinha", 1},        {"da sola", 1},       {"da solo", 1},
      {"reis alleen", 1}, {"alleen reis*", 1},   {"einzelperson", 1},  {"solo", 0},
      {"a single", 0},    {"single room", 0},    {"alleinreisend*", 1}};
  return table;
}

const PhraseTable& group_phrases() {
  static const PhraseTable table{
      {"two of us", 2},       {"us two", 2},         {"the 2 of us", 2},    {"both of us", 2},
      {"ons twee", 2},        {"ons 2", 2},          {"zu zweit", 2},       {"zu dritt", 3},
      {"zu viert", 4},        {"zu funft", 5},       {"zu sechst", 6},      {"wir beide", 2},
      {"wir zwei", 2},        {"nous deux", 2},      {"a deux", 2},         {"a trois", 3},
      {"en amoureux", 2},     {"en couple", 2},      {"nosotros dos", 2},   {"los dos", 2},
      {"en pareja", 2},       {"nos dois", 2},       {"a dois", 2},         {"em casal", 2},
      {"noi due", 2},         {"in due", 2},         {"in tre", 3},         {"in quattro", 4},
      {"in coppia", 2},       {"in cinque", 5},      {"met z n tweeen", 2}, {"met zijn tweeen", 2},
      {"z n tweeen", 2},      {"met z n drieen", 3}, {"z n drieen", 3},     {"zijn drieen", 3},
      {"met zijn vieren", 4}, {"z n vieren", 4},     {"met z n vijven", 5}, {"zijn vijven", 5},
      {"z n zessen", 6},      {"zijn zessen", 6},    {"wij samen", 2},      {"just us", 2},
      {"wij tweeen", 2},      {"per due", 2},        {"per coppia", 2}};
  return table;
}

const PhraseTable& we_are_phrases() {
  static const PhraseTable table{{"family of", 0},
                                 {"group of", 0},
                                 {"party of", 0},
                                 {"we are", 0},
                                 {"there are", 0},
                                 {"there will be", 0},
                                 {"we re", 0},
                                 {"familie van", 0},
                                 {"gesin van", 0},
                                 {"gezin van", 0},
                                 {"groep van", 0},
                                 {"ons is", 0},
                                 {"familie mit", 0},
                                 {"gruppe von", 0},
                                 {"wir sind", 0},
                                 {"wir waren", 0},
                                 {"famille de", 0},
                                 {"groupe de", 0},
                                 {"nous sommes", 0},
                                 {"on est", 0},
                                 {"on sera", 0},
                                 {"nous serons", 0},
                                 {"nous serions", 0},
                                 {"familia de", 0},
                                 {"grupo de", 0},
                                 {"somos", 0},
                                 {"seremos", 0},
                                 {"seriamos", 0},
                                 {"famiglia di", 0},
                                 {"gruppo di", 0},
                                 {"siamo", 0},
                                 {"siamo in", 0},
                                 {"saremo", 0},
                                 {"saremmo", 0},
                                 {"wij zijn met", 0},
                                 {"we zijn met", 0},
                                 {"zijn met", 0},
                                 {"met ons", 0},
                                 {"holiday for", 0},
                                 {"trip for", 0},
                                 {"price for", 0},
                                 {"quote for", 0},
                                 {"group size", 0},
                                 {"familie von", 0},
                                 {"somos un grupo de", 0},
                                 {"somos um grupo de", 0},
                                 {"familie met", 0}};
  return table;
}

const PhraseTable& honeymoon_words() {
  static const PhraseTable table{
      {"honeymoon*", 0},      {"wittebrood*", 0},  {"flitterwoche*", 0},    {"hochzeitsreise", 0},
      {"voyage de noces", 0}, {"lune de miel", 0}, {"luna de miel", 0},     {"viaje de novios", 0},
      {"viaje de bodas", 0},  {"lua de mel", 0},   {"viaggio di nozze", 0}, {"luna di miele", 0},
      {"huwelijksreis", 0},   {"just married", 0}};
  return table;
}

}  // namespace inbound
