#include "units.hpp"

#include "phrases.hpp"

namespace inbound {

std::optional<TimeUnit> time_unit_at(const Tokens& tokens, std::size_t at) {
  using enum TimeUnit;
  const auto of = [](TimeUnit unit) { return static_cast<int>(unit); };
  static const PhraseTable table{{"night", of(night)},
                                 {"nights", of(night)},
                                 {"nite", of(night)},
                                 {"nites", of(night)},
                                 {"nag", of(night)},
                                 {"nagte", of(night)},
                                 {"nacht", of(night)},
                                 {"nachte", of(night)},
                                 {"nachten", of(night)},
                                 {"naechte", of(night)},
                                 {"ubernachtung*", of(night)},
                                 {"overnachting*", of(night)},
                                 {"nuit", of(night)},
                                 {"nuits", of(night)},
                                 {"nuitee*", of(night)},
                                 {"noche", of(night)},
                                 {"noches", of(night)},
                                 {"noite", of(night)},
                                 {"noites", of(night)},
                                 {"notte", of(night)},
                                 {"notti", of(night)},
                                 {"pernottament*", of(night)},
                                 {"day", of(day)},
                                 {"days", of(day)},
                                 {"dae", of(day)},
                                 {"tag", of(day)},
                                 {"tage", of(day)},
                                 {"tagen", of(day)},
                                 {"jour", of(day)},
                                 {"jours", of(day)},
                                 {"dia", of(day)},
                                 {"dias", of(day)},
                                 {"giorno", of(day)},
                                 {"giorni", of(day)},
                                 {"dagen", of(day)},
                                 {"week", of(week)},
                                 {"weeks", of(week)},
                                 {"weeklong", of(week)},
                                 {"weke", of(week)},
                                 {"woche", of(week)},
                                 {"wochen", of(week)},
                                 {"wo", of(week)},
                                 {"semaine", of(week)},
                                 {"semaines", of(week)},
                                 {"semana", of(week)},
                                 {"semanas", of(week)},
                                 {"settimana", of(week)},
                                 {"settimane", of(week)},
                                 {"weekje", of(week)},
                                 {"weken", of(week)},
                                 {"fortnight", of(fortnight)},
                                 {"quincena", of(fortnight)},
                                 {"quinzaine", of(fortnight)},
                                 {"quinzena", of(fortnight)},
                                 {"weekend", of(weekend)},
                                 {"naweek", of(weekend)},
                                 {"wochenende", of(weekend)},
                                 {"fin de semana", of(weekend)},
                                 {"fim de semana", of(weekend)},
                                 {"fine settimana", of(weekend)},
                                 {"week end", of(weekend)},
                                 {"month", of(month)},
                                 {"months", of(month)},
                                 {"maand", of(month)},
                                 {"maande", of(month)},
                                 {"maanden", of(month)},
                                 {"monat", of(month)},
                                 {"monate", of(month)},
                                 {"monaten", of(month)},
                                 {"mois", of(month)},
                                 {"mes", of(month)},
                                 {"meses", of(month)},
                                 {"mese", of(month)},
                                 {"mesi", of(month)},
                                 {"year", of(year)},
                                 {"years", of(year)}};
  PhraseHit hit;
  if (table.find_at(tokens, at, hit) == nullptr) return std::nullopt;
  return static_cast<TimeUnit>(hit.value);
}

bool hit_is_this(const Tokens& tokens, std::size_t at) {
  for (const auto* word : {"this", "este", "questo", "ce", "diesen", "hierdie"}) {
    if (tokens[at].is(word)) return true;
  }
  return false;
}

}  // namespace inbound
