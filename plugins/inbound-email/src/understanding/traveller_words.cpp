#include "traveller_words.hpp"

namespace inbound {
namespace {

constexpr int kAdult = static_cast<int>(Who::adult);
constexpr int kChild = static_cast<int>(Who::child);
constexpr int kOneChild = static_cast<int>(Who::one_child);
constexpr int kBaby = static_cast<int>(Who::baby);
constexpr int kPeople = static_cast<int>(Who::people);
constexpr int kCouple = static_cast<int>(Who::couple);

}  // namespace

const PhraseTable& traveller_words() {
  static const PhraseTable table{// adults
                                 {"adult*", kAdult},
                                 {"volwass*", kAdult},
                                 {"grootmens*", kAdult},
                                 {"erwachsen*", kAdult},
                                 {"erw", kAdult},
                                 {"volw", kAdult},
                                 {"grown ups", kAdult},
                                 {"grandes personnes", kAdult},
                                 // children, several or of unsaid number
                                 {"children", kChild},
                                 {"child", kOneChild},
                                 {"kid", kOneChild},
                                 {"kids", kChild},
                                 {"kind", kOneChild},
                                 {"kinder", kChild},
                                 {"kinders", kChild},
                                 {"kinderen", kChild},
                                 {"kindern", kChild},
                                 {"kinderkies", kChild},
                                 {"kleintjies", kChild},
                                 {"kleuters", kChild},
                                 {"kleuter", kOneChild},
                                 {"enfants", kChild},
                                 {"enfant", kOneChild},
                                 {"ninos", kChild},
                                 {"ninas", kChild},
                                 {"nino", kOneChild},
                                 {"nina", kOneChild},
                                 {"menores", kChild},
                                 {"hijos", kChild},
                                 {"hijas", kChild},
                                 {"criancas", kChild},
                                 {"crianca", kOneChild},
                                 {"filhos", kChild},
                                 {"miudos", kChild},
                                 {"bambini", kChild},
                                 {"bambine", kChild},
                                 {"bambino", kOneChild},
                                 {"bambina", kOneChild},
                                 {"bimbi", kChild},
                                 {"bimbo", kOneChild},
                                 {"bimba", kOneChild},
                                 {"figli", kChild},
                                 {"teens", kChild},
                                 {"teenager*", kChild},
                                 {"toddlers", kChild},
                                 {"toddler", kOneChild},
                                 {"kleinkind", kOneChild},
                                 {"kleinkinder", kChild},
                                 {"kindje", kOneChild},
                                 {"kindjes", kChild},
                                 {"ados", kChild},
                                 {"adolescentes", kChild},
                                 {"ragazzi", kChild},
                                 {"tieners", kChild},
                                 {"jugendliche*", kChild},
                                 // one of one's own
                                 {"son", kOneChild},
                                 {"daughter", kOneChild},
                                 {"sons", kChild},
                                 {"daughters", kChild},
                                 {"seun", kOneChild},
                                 {"seuntjie", kOneChild},
                                 {"dogter", kOneChild},
                                 {"dogtertjie", kOneChild},
                                 {"sohn", kOneChild},
                                 {"tochter", kOneChild},
                                 {"fils", kOneChild},
                                 {"fille", kOneChild},
                                 {"filles", kChild},
                                 {"hijo", kOneChild},
                                 {"hija", kOneChild},
                                 {"filho", kOneChild},
                                 {"filha", kOneChild},
                                 {"figlio", kOneChild},
                                 {"figlia", kOneChild},
                                 {"zoon", kOneChild},
                                 {"zoontje", kOneChild},
                                 {"dochter", kOneChild},
                                 {"dochtertje", kOneChild},
                                 // babies
                                 {"baby", kBaby},
                                 {"babies", kBaby},
                                 {"infant", kBaby},
                                 {"infants", kBaby},
                                 {"baba", kBaby},
                                 {"babatjie", kBaby},
                                 {"bebe", kBaby},
                                 {"bebes", kBaby},
                                 {"neonato", kBaby},
                                 {"saugling", kBaby},
                                 {"nourrisson", kBaby},
                                 {"month old", kBaby},
                                 {"months old", kBaby},
                                 // people
                                 {"people", kPeople},
                                 {"persons", kPeople},
                                 {"person", kPeople},
                                 {"pax", kPeople},
                                 {"ppl", kPeople},
                                 {"pers", kPeople},
                                 {"guests", kPeople},
                                 {"travellers", kPeople},
                                 {"travelers", kPeople},
                                 {"mense", kPeople},
                                 {"persone", kPeople},
                                 {"personen", kPeople},
                                 {"leute", kPeople},
                                 {"leuten", kPeople},
                                 {"personnes", kPeople},
                                 {"personne", kPeople},
                                 {"personas", kPeople},
                                 {"persona", kPeople},
                                 {"pessoas", kPeople},
                                 {"pessoa", kPeople},
                                 {"viajeros", kPeople},
                                 {"friends", kPeople},
                                 {"vriende", kPeople},
                                 {"vrienden", kPeople},
                                 {"freunde", kPeople},
                                 {"freundinnen", kPeople},
                                 {"amis", kPeople},
                                 {"amies", kPeople},
                                 {"amigos", kPeople},
                                 {"amigas", kPeople},
                                 {"amici", kPeople},
                                 {"amiche", kPeople},
                                 {"copines", kPeople},
                                 {"copains", kPeople},
                                 {"ladies", kPeople},
                                 {"girls", kPeople},
                                 {"guys", kPeople},
                                 {"men", kPeople},
                                 {"women", kPeople},
                                 {"of us", kPeople},
                                 {"persoon", kPeople},
                                 {"gaste", kPeople},
                                 {"ospiti", kPeople},
                                 {"huespedes", kPeople},
                                 {"hospedes", kPeople},
                                 {"voyageurs", kPeople},
                                 {"vriendinnen", kPeople},
                                 {"colleagues", kPeople},
                                 {"persona", kPeople},
                                 // couples
                                 {"couple", kCouple},
                                 {"couples", kCouple},
                                 {"paar", kCouple},
                                 {"paare", kCouple},
                                 {"paartjies", kCouple},
                                 {"stel", kCouple},
                                 {"stellen", kCouple},
                                 {"koppels", kCouple},
                                 {"koppel", kCouple},
                                 {"parejas", kCouple},
                                 {"casais", kCouple},
                                 {"coppie", kCouple},
                                 {"coppia", kCouple},
                                 {"casal", kCouple},
                                 {"ehepaar", kCouple},
                                 {"ehepaare", kCouple},
                                 {"echtpaar", kCouple},
                                 {"egpaar", kCouple},
                                 {"pareja", kCouple}};
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
