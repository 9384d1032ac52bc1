#include "wishes.hpp"

#include <array>

#include "phrases.hpp"
#include "traveller_words.hpp"

namespace inbound {
namespace {

enum Wish : int {
  honeymoon, anniversary, birthday, wedding, wheelchair, ground_floor, vegetarian, vegan, halal,
  kosher, gluten_free, allergy, cot, sea_view, connecting_rooms, transfer, flights, diving, golf,
  spa, kids_club, private_pool, pet, kWishes
};
constexpr std::array<const char*, kWishes> kNames = {
    "honeymoon",  "anniversary", "birthday",  "wedding",      "wheelchair",       "ground_floor",
    "vegetarian", "vegan",       "halal",     "kosher",       "gluten_free",      "allergy",
    "cot",        "sea_view",    "connecting_rooms", "transfer", "flights",       "diving",
    "golf",       "spa",         "kids_club", "private_pool", "pet"};

const PhraseTable& wish_words() {
  static const PhraseTable table{
      {"anniversary", anniversary}, {"huweliksherdenking", anniversary},
      {"hochzeitstag", anniversary}, {"silberhochzeit", anniversary},
      {"anniversaire de mariage", anniversary}, {"ans de mariage", anniversary},
      {"noces d or", anniversary}, {"noces d argent", anniversary},
      {"aniversario de boda*", anniversary}, {"aniversario de casamento", anniversary},
      {"bodas de plata", anniversary}, {"bodas de ouro", anniversary},
      {"anniversario di matrimonio", anniversary}, {"trouwdag", anniversary},
      {"huwelijksverjaardag", anniversary}, {"jaar getrouwd", anniversary},
      {"jaar getroud", anniversary}, {"nozze d argento", anniversary},
      {"birthday", birthday}, {"verjaarsdag", birthday}, {"verjaar", birthday},
      {"geburtstag*", birthday}, {"anniversaire", birthday}, {"cumpleanos", birthday},
      {"aniversario", birthday}, {"compleanno", birthday}, {"verjaardag", birthday},
      {"wedding on the beach", wedding}, {"beach wedding", wedding}, {"get married there", wedding},
      {"destination wedding", wedding}, {"strandhochzeit", wedding},
      {"wheelchair*", wheelchair}, {"rolstoel*", wheelchair}, {"rollstuhl*", wheelchair},
      {"fauteuil roulant", wheelchair}, {"silla de ruedas", wheelchair},
      {"cadeira de rodas", wheelchair}, {"sedia a rotelle", wheelchair},
      {"carrozzina", wheelchair}, {"barrierefrei*", wheelchair}, {"mobilite reduite", wheelchair},
      {"movilidad reducida", wheelchair}, {"mobilidade reduzida", wheelchair},
      {"ground floor", ground_floor}, {"grondvloer", ground_floor}, {"erdgeschoss", ground_floor},
      {"rez de chaussee", ground_floor}, {"planta baja", ground_floor}, {"res do chao", ground_floor},
      {"piano terra", ground_floor}, {"begane grond", ground_floor},
      {"vegetari*", vegetarian}, {"vegetier*", vegetarian}, {"veggie*", vegetarian},
      {"vegetar*", vegetarian}, {"vegan*", vegan}, {"vegano*", vegan}, {"halal", halal},
      {"halaal", halal}, {"kosher", kosher}, {"koscher", kosher}, {"koosjer", kosher},
      {"casher", kosher}, {"gluten*", gluten_free}, {"coeliac", gluten_free}, {"celiac*", gluten_free},
      {"zoliakie", gluten_free}, {"celiaca", gluten_free}, {"sin gluten", gluten_free},
      {"allerg*", allergy}, {"alerg*", allergy}, {"nut free", allergy},
      {"cot", cot}, {"cots", cot}, {"crib", cot}, {"babakot*", cot}, {"bababed*", cot},
      {"kinderbett*", cot}, {"babybett*", cot}, {"gitterbett*", cot}, {"lit bebe", cot},
      {"lit pour bebe", cot}, {"berceau", cot}, {"lit parapluie", cot}, {"cuna", cot},
      {"berco", cot}, {"culla", cot}, {"lettino", cot}, {"babybed*", cot}, {"kinderbed*", cot},
      {"ledikant*", cot}, {"campingbed*", cot},
      {"sea view", sea_view}, {"ocean view", sea_view}, {"seaview", sea_view},
      {"sea facing", sea_view}, {"see uitsig", sea_view}, {"seeuitsig", sea_view},
      {"uitsig op die see", sea_view}, {"meerblick", sea_view}, {"vue mer", sea_view},
      {"vue sur la mer", sea_view}, {"vue sur mer", sea_view}, {"vista al mar", sea_view},
      {"vistas al mar", sea_view}, {"vista mar", sea_view}, {"vista para o mar", sea_view},
      {"vista mare", sea_view}, {"vista sul mare", sea_view}, {"zeezicht", sea_view},
      {"uitzicht op zee", sea_view}, {"beach front", sea_view}, {"beachfront", sea_view},
      {"interconnecting", connecting_rooms}, {"inter connecting", connecting_rooms},
      {"connecting room*", connecting_rooms}, {"adjoining", connecting_rooms},
      {"interleading", connecting_rooms}, {"inter leading", connecting_rooms},
      {"verbindungszimmer", connecting_rooms}, {"verbindungstur", connecting_rooms},
      {"chambres communicantes", connecting_rooms}, {"communicantes", connecting_rooms},
      {"habitaciones comunicadas", connecting_rooms}, {"comunicad*", connecting_rooms},
      {"comunicant*", connecting_rooms}, {"quartos comunicantes", connecting_rooms},
      {"tussendeur", connecting_rooms}, {"kamers met tussendeur", connecting_rooms},
      {"transfer*", transfer}, {"oordrag*", transfer}, {"lughawevervoer", transfer},
      {"airport pick up", transfer}, {"airport pickup", transfer}, {"transfert*", transfer},
      {"traslado*", transfer}, {"trasferiment*", transfer}, {"flughafentransfer", transfer},
      {"flights", flights}, {"flight from", flights}, {"return flight", flights}, {"airfare*", flights}, {"vlug", flights}, {"vlugte", flights},
      {"vlugkaartjies", flights}, {"flug", flights}, {"fluge", flights}, {"flugen", flights},
      {"vol depuis", flights}, {"vols", flights}, {"vol inclus", flights}, {"billets d avion", flights},
      {"vuelo", flights}, {"vuelos", flights}, {"voo", flights}, {"voos", flights},
      {"passagens aereas", flights}, {"volo", flights}, {"voli", flights}, {"vlucht", flights},
      {"vluchten", flights}, {"vliegtickets", flights}, {"avion", flights},
      {"diving", diving}, {"scuba", diving}, {"dive", diving}, {"duik", diving},
      {"tauchen", diving}, {"tauchkurs", diving}, {"plongee", diving}, {"plonger", diving},
      {"buceo", diving}, {"bucear", diving}, {"mergulh*", diving}, {"immersion*", diving},
      {"subacque*", diving}, {"duiken", diving}, {"golf", golf}, {"gholf", golf}, {"spa", spa},
      {"massage*", spa}, {"wellness", spa}, {"kids club", kids_club}, {"kinderklub", kids_club},
      {"kidsclub", kids_club}, {"kinderclub", kids_club}, {"miniclub", kids_club},
      {"mini club", kids_club}, {"club enfants", kids_club}, {"kinderbetreuung", kids_club},
      {"private pool", private_pool}, {"own pool", private_pool}, {"plunge pool", private_pool},
      {"privaat swembad", private_pool}, {"eie swembad", private_pool}, {"eigenem pool", private_pool},
      {"privatpool", private_pool}, {"piscine privee", private_pool},
      {"piscina privada", private_pool}, {"piscina privata", private_pool},
      {"piscina particular", private_pool}, {"privezwembad", private_pool},
      {"eigen zwembad", private_pool}, {"prive zwembad", private_pool}, {"privater pool", private_pool},
      {"pet friendly", pet}, {"our dog", pet}, {"my dog", pet}, {"hund", pet}, {"ons hond", pet},
      {"mascota*", pet}, {"chien", pet}, {"perro", pet}, {"cachorro", pet}, {"cane", pet},
      {"hond", pet}};
  return table;
}

bool is_denied(const Tokens& tokens, std::size_t at) {
  static const PhraseTable denials{{"no", 0},   {"not", 0},    {"without", 0}, {"nie", 0}, {"geen", 0},
                                   {"kein*", 0}, {"ohne", 0},  {"sans", 0},    {"pas", 0}, {"sin", 0},
                                   {"sem", 0},  {"senza", 0},  {"zonder", 0},  {"niet", 0},
                                   {"excl*", 0}, {"own", 0},   {"booked", 0}};
  for (std::size_t back = 1; back <= 2 && back <= at; ++back) {
    if (tokens[at - back].sentence != tokens[at].sentence) break;
    if (denials.matches_at(tokens, at - back)) return true;
  }
  return false;
}

}  // namespace

std::vector<Found<std::string>> read_wishes(const Reading& mail) {
  std::vector<Found<std::string>> wishes;
  std::array<bool, kWishes> seen{};
  const auto add = [&](int wish, const PhraseHit& hit) {
    if (seen[static_cast<std::size_t>(wish)]) return;
    seen[static_cast<std::size_t>(wish)] = true;
    wishes.push_back(found(mail, std::string(kNames[static_cast<std::size_t>(wish)]), 0.85,
                           hit.first, hit.last));
  };
  for (const auto& hit : honeymoon_words().find_all(mail.tokens)) add(honeymoon, hit);
  for (const auto& hit : wish_words().find_all(mail.tokens)) {
    // "gluten free" is what "no gluten" means, too.
    if (hit.value != gluten_free && hit.value != private_pool && is_denied(mail.tokens, hit.first)) {
      continue;
    }
    if (mail.tokens[hit.first].is("hund") && !mail.tokens[hit.first].capital) continue;
    add(hit.value, hit);
  }
  return wishes;
}

}  // namespace inbound
