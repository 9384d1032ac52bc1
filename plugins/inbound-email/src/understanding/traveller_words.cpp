#include "traveller_words.hpp"

namespace inbound {
namespace {

constexpr int adult = static_cast<int>(Who::adult);
constexpr int child = static_cast<int>(Who::child);
constexpr int one_child = static_cast<int>(Who::one_child);
constexpr int baby = static_cast<int>(Who::baby);
constexpr int people = static_cast<int>(Who::people);
constexpr int couple = static_cast<int>(Who::couple);

}  // namespace

const PhraseTable& traveller_words() {
  static const PhraseTable table{// adults
                                 {"adult*", adult},
                                 {"volwass*", adult},
                                 {"grootmens*", adult},
                                 {"erwachsen*", adult},
                                 {"erw", adult},
                                 {"volw", adult},
                                 {"grown ups", adult},
                                 {"grandes personnes", adult},
                                 // children, several or of unsaid number
                                 {"children", child},
                                 {"child", one_child},
                                 {"kid", one_child},
                                 {"kids", child},
                                 {"kind", one_child},
                                 {"kinder", child},
                                 {"kinders", child},
                                 {"kinderen", child},
                                 {"kindern", child},
                                 {"kinderkies", child},
                                 {"kleintjies", child},
                                 {"kleuters", child},
                                 {"kleuter", one_child},
                                 {"enfants", child},
                                 {"enfant", one_child},
                                 {"ninos", child},
                                 {"ninas", child},
                                 {"nino", one_child},
                                 {"nina", one_child},
                                 {"menores", child},
                                 {"hijos", child},
                                 {"hijas", child},
                                 {"criancas", child},
                                 {"crianca", one_child},
                                 {"filhos", child},
                                 {"miudos", child},
                                 {"bambini", child},
                                 {"bambine", child},
                                 {"bambino", one_child},
                                 {"bambina", one_child},
                                 {"bimbi", child},
                                 {"bimbo", one_child},
                                 {"bimba", one_child},
                                 {"figli", child},
                                 {"teens", child},
                                 {"teenager*", child},
                                 {"toddlers", child},
                                 {"toddler", one_child},
                                 {"kleinkind", one_child},
                                 {"kleinkinder", child},
                                 {"kindje", one_child},
                                 {"kindjes", child},
                                 {"ados", child},
                                 {"adolescentes", child},
                                 {"ragazzi", child},
                                 {"tieners", child},
                                 {"jugendliche*", child},
                                 // one of one's own
                                 {"son", one_child},
                                 {"daughter", one_child},
                                 {"sons", child},
                                 {"daughters", child},
                                 {"seun", one_child},
                                 {"seuntjie", one_child},
                                 {"dogter", one_child},
                                 {"dogtertjie", one_child},
                                 {"sohn", one_child},
                                 {"tochter", one_child},
                                 {"fils", one_child},
                                 {"fille", one_child},
                                 {"filles", child},
                                 {"hijo", one_child},
                                 {"hija", one_child},
                                 {"filho", one_child},
                                 {"filha", one_child},
                                 {"figlio", one_child},
                                 {"figlia", one_child},
                                 {"zoon", one_child},
                                 {"zoontje", one_child},
                                 {"dochter", one_child},
                                 {"dochtertje", one_child},
                                 // babies
                                 {"baby", baby},
                                 {"babies", baby},
                                 {"infant", baby},
                                 {"infants", baby},
                                 {"baba", baby},
                                 {"babatjie", baby},
                                 {"bebe", baby},
                                 {"bebes", baby},
                                 {"neonato", baby},
                                 {"saugling", baby},
                                 {"nourrisson", baby},
                                 {"month old", baby},
                                 {"months old", baby},
                                 // people
                                 {"people", people},
                                 {"persons", people},
                                 {"person", people},
                                 {"pax", people},
                                 {"ppl", people},
                                 {"pers", people},
                                 {"guests", people},
                                 {"travellers", people},
                                 {"travelers", people},
                                 {"mense", people},
                                 {"persone", people},
                                 {"personen", people},
                                 {"leute", people},
                                 {"leuten", people},
                                 {"personnes", people},
                                 {"personne", people},
                                 {"personas", people},
                                 {"persona", people},
                                 {"pessoas", people},
                                 {"pessoa", people},
                                 {"viajeros", people},
                                 {"friends", people},
                                 {"vriende", people},
                                 {"vrienden", people},
                                 {"freunde", people},
                                 {"freundinnen", people},
                                 {"amis", people},
                                 {"amies", people},
                                 {"amigos", people},
                                 {"amigas", people},
                                 {"amici", people},
                                 {"amiche", people},
                                 {"copines", people},
                                 {"copains", people},
                                 {"ladies", people},
                                 {"girls", people},
                                 {"guys", people},
                                 {"men", people},
                                 {"women", people},
                                 {"of us", people},
                                 {"persoon", people},
                                 {"gaste", people},
                                 {"ospiti", people},
                                 {"huespedes", people},
                                 {"hospedes", people},
                                 {"voyageurs", people},
                                 {"vriendinnen", people},
                                 {"colleagues", people},
                                 {"persona", people},
                                 // couples
                                 {"couple", couple},
                                 {"couples", couple},
                                 {"paar", couple},
                                 {"paare", couple},
                                 {"paartjies", couple},
                                 {"stel", couple},
                                 {"stellen", couple},
                                 {"koppels", couple},
                                 {"koppel", couple},
                                 {"parejas", couple},
                                 {"casais", couple},
                                 {"coppie", couple},
                                 {"coppia", couple},
                                 {"casal", couple},
                                 {"ehepaar", couple},
                                 {"ehepaare", couple},
                                 {"echtpaar", couple},
                                 {"egpaar", couple},
                                 {"pareja", couple}};
  return table;
}

const PhraseTable& child_words_before_ages() {
  static const PhraseTable table{
      {"age*", 0},        {"of", 0},      {"im alter von", 0}, {"alter", 0},     {"de", 0},
      {"von", 0},         {"van", 0},     {"di", 0},           {"ouderdom*", 0}, {"met", 0},
      {"mit", 0},         {"com", 0},     {"con", 0},          {"e", 0},         {"agees de", 0},
      {"age de", 0},      {"edad*", 0},   {"idade*", 0},       {"eta", 0},       {"leeftijd*", 0},
      {"is", 0},          {"are", 0},     {"who is", 0},       {"wat", 0},       {"that are", 0},
      {"of children", 0}, {"turning", 0}, {"oud", 0}};
  return table;
}

const PhraseTable& year_words() {
  static const PhraseTable table{
      {"year", 0}, {"years", 0},    {"yr", 0},     {"yrs", 0},   {"y o", 0},  {"yo", 0},
      {"jaar", 0}, {"jarige", 0},   {"jr", 0},     {"jahre", 0}, {"jahr", 0}, {"jahren", 0},
      {"j", 0},    {"jahrige*", 0}, {"ans", 0},    {"an", 0},    {"anos", 0}, {"ano", 0},
      {"anni", 0}, {"anno", 0},     {"jarigen", 0}};
  return table;
}

const PhraseTable& month_words() {
  static const PhraseTable table{{"month", 0}, {"months", 0}, {"mths", 0},  {"maande", 0},
                                 {"maand", 0}, {"monate", 0}, {"monat", 0}, {"monaten", 0},
                                 {"mois", 0},  {"meses", 0},  {"mes", 0},   {"mesi", 0},
                                 {"mese", 0},  {"maanden", 0}};
  return table;
}

}  // namespace inbound
