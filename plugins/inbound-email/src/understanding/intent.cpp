#include "intent.hpp"

#include <algorithm>
#include <cmath>

#include "phrases.hpp"

namespace inbound {
namespace {

// In tenths: how much a phrase speaks for a journey being asked for.
const PhraseTable& asking() {
  static const PhraseTable table{
      {"quote", 12},       {"quotation", 12},     {"quot*", 8},        {"re quote", 12},
      {"price*", 10},      {"how much", 10},      {"cost", 8},         {"proposal", 8},
      {"looking", 8},      {"would like", 8},     {"d like", 8},       {"we like", 5},
      {"available", 8},    {"availability", 10},  {"any ideas", 10},   {"planning", 8},
      {"options", 6},      {"want to", 8},        {"offer", 4},        {"need", 4},
      {"can you help", 6}, {"could you help", 6}, {"enquir*", 10},     {"inquir*", 10},
      {"request", 4},      {"thinking", 6},       {"interested", 6},   {"deal", 6},
      {"what can you", 8}, {"suggest*", 6},       {"where should", 8}, {"quickest", 4},
      {"step free", 4},    {"please could", 5},   {"can you", 4},      {"kwotasie", 12},
      {"soek", 8},         {"wil graag", 8},      {"ons wil", 8},      {"wil", 4},
      {"wat sal", 6},      {"wat kos", 10},       {"prys", 8},         {"navraag", 10},
      {"het julle", 8},    {"hoeveel", 6},        {"beskikbaar*", 8},  {"angebot", 8},
      {"anfrage", 8},      {"reiseanfrage", 12},  {"was kostet", 10},  {"was wurde", 8},
      {"kosten", 5},       {"suchen", 8},         {"suche", 8},        {"mochten", 8},
      {"mochte", 6},       {"wurden gern*", 8},   {"wollen wir", 8},   {"wir wollen", 8},
      {"preis*", 8},       {"was haben sie", 8},  {"habt ihr", 6},     {"hatten sie", 8},
      {"konnen sie", 5},   {"anbieten", 6},       {"planen", 8},       {"um angebot", 10},
      {"geht", 3},         {"wohin", 8},          {"noch etwas", 4},   {"devis", 12},
      {"tarif*", 8},       {"prix", 8},           {"cherche*", 8},     {"souhait*", 8},
      {"voudri*", 8},      {"voudrais", 8},       {"combien", 8},      {"disponib*", 8},
      {"dispo", 8},        {"pourriez", 5},       {"proposez", 8},     {"est ce possible", 6},
      {"on reve", 8},      {"partir", 4},         {"cotizacion", 12},  {"presupuesto", 8},
      {"quisier*", 8},     {"queremos", 8},       {"buscamos", 8},     {"busco", 8},
      {"precio*", 8},      {"cuanto", 8},         {"ofreceis", 8},     {"tienen", 5},
      {"informacion", 6},  {"me apetece", 8},     {"necesit*", 4},     {"ideas", 6},
      {"cotacao", 12},     {"orcamento", 10},     {"gostari*", 8},     {"queria", 8},
      {"querendo", 8},     {"quanto", 8},         {"preco*", 8},       {"qto", 6},
      {"proposta", 6},     {"pretend*", 8},       {"sugerem", 8},      {"qual o valor", 10},
      {"vou viajar", 8},   {"enviem", 4},         {"preventivo", 12},  {"vorre*", 8},
      {"cerchiamo", 8},    {"cerca", 5},          {"prezz*", 8},       {"proponete", 8},
      {"verrebbe", 8},     {"chiedo", 6},         {"avete", 6},        {"idee", 6},
      {"attendo", 3},      {"un offerta", 6},     {"disponibile", 8},  {"offerte", 10},
      {"prijsopgave", 12}, {"prijs", 8},          {"wat kost", 10},    {"zoeken", 8},
      {"willen", 8},       {"graag", 5},          {"voorstel", 8},     {"mogelijkheden", 8},
      {"aanvraag", 8},     {"kunnen jullie", 8},  {"nog plek", 8},     {"tips", 5},
      {"plek", 4}};
  return table;
}

// In tenths: how much a phrase speaks against it.
const PhraseTable& other_matters() {
  static const PhraseTable table{// invoices and payments
                                 {"invoice*", 15},
                                 {"overdue", 15},
                                 {"unpaid", 15},
                                 {"statement", 12},
                                 {"amount due", 12},
                                 {"total due", 12},
                                 {"payable", 12},
                                 {"paid", 8},
                                 {"proof of payment", 20},
                                 {"payment", 10},
                                 {"faktuur", 15},
                                 {"staat van rekening", 15},
                                 {"betaalbaar", 15},
                                 {"oorbetaal", 15},
                                 {"bewys van betaling", 20},
                                 {"betaling", 12},
                                 {"rechnung", 15},
                                 {"mahnung", 20},
                                 {"uberweisen", 12},
                                 {"zahlungseingang", 15},
                                 {"offener betrag", 15},
                                 {"facture", 15},
                                 {"regler", 8},
                                 {"virement", 15},
                                 {"acompte", 10},
                                 {"paiement", 12},
                                 {"comptabilite", 15},
                                 {"factura", 15},
                                 {"abonen", 12},
                                 {"transferencia", 12},
                                 {"justificante", 15},
                                 {"pago realizado", 20},
                                 {"fatura", 15},
                                 {"vencimento", 12},
                                 {"comprovativo", 15},
                                 {"comprovante", 15},
                                 {"fattura", 15},
                                 {"scadenza", 10},
                                 {"bonifico", 15},
                                 {"contabile", 10},
                                 {"factuur", 15},
                                 {"overgemaakt", 15},
                                 {"over te maken", 15},
                                 {"aanbetaling", 12},
                                 {"betaald", 10},
                                 {"deposit", 6},
                                 {"deposito", 8},
                                 // absence
                                 {"out of office", 25},
                                 {"out of the office", 25},
                                 {"automatic reply", 25},
                                 {"auto reply", 25},
                                 {"annual leave", 20},
                                 {"limited access", 12},
                                 {"not be checking", 15},
                                 {"met verlof", 20},
                                 {"afwesig*", 15},
                                 {"weer in die kantoor", 12},
                                 {"abwesen*", 20},
                                 {"automatische antwort", 25},
                                 {"nicht im haus", 15},
                                 {"im urlaub und", 12},
                                 {"wieder erreichbar", 15},
                                 {"weitergeleitet", 12},
                                 {"absent*", 12},
                                 {"absence", 15},
                                 {"reponse automatique", 25},
                                 {"en conges", 15},
                                 {"de retour le", 12},
                                 {"en cas d urgence", 12},
                                 {"fuera de la oficina", 25},
                                 {"respuesta automatica", 25},
                                 {"de vacaciones", 6},
                                 {"volvere", 10},
                                 {"a mi regreso", 10},
                                 {"resposta automatica", 25},
                                 {"ausente", 15},
                                 {"ausencia", 15},
                                 {"de ferias ate", 15},
                                 {"responderei", 12},
                                 {"regressar", 6},
                                 {"fuori ufficio", 25},
                                 {"risposta automatica", 25},
                                 {"assente", 15},
                                 {"in ferie fino", 15},
                                 {"per urgenze", 12},
                                 {"rientro", 6},
                                 {"afwezig", 20},
                                 {"automatisch antwoord", 25},
                                 {"bij spoed", 12},
                                 {"met vakantie tot", 15},
                                 {"lees mijn mail niet", 15},
                                 {"urgent matters", 12},
                                 {"dringende sake", 12},
                                 {"assuntos urgentes", 12},
                                 // bulk mail
                                 {"newsletter*", 15},
                                 {"unsubscribe", 20},
                                 {"view in browser", 15},
                                 {"click here", 10},
                                 {"no longer wish", 15},
                                 {"valued partner", 15},
                                 {"valued customer", 12},
                                 {"sale", 8},
                                 {"nuusbrief", 15},
                                 {"teken uit", 15},
                                 {"hier te klik", 10},
                                 {"boletin", 15},
                                 {"darme de baja", 20},
                                 {"cancelar a subscricao", 20},
                                 {"clique aqui", 10},
                                 {"promocoes", 10},
                                 {"novidades", 8},
                                 {"gentile cliente", 12},
                                 {"clicchi qui", 12},
                                 {"luce e gas", 20},
                                 {"abmelden", 12},
                                 {"desabonner", 15},
                                 {"desinscrire", 15},
                                 {"uitschrijven", 15},
                                 {"afmelden", 12},
                                 // after the journey
                                 {"wonderful time", 20},
                                 {"had the most", 12},
                                 {"tell our friends", 12},
                                 {"recommend you", 12},
                                 {"geniet", 12},
                                 {"baie dankie vir julle", 15},
                                 {"glad verloop", 15},
                                 {"traumhaft", 12},
                                 {"gerade aus", 10},
                                 {"vielen dank fur die tolle", 15},
                                 {"pour ce sejour", 15},
                                 {"tout etait parfait", 15},
                                 {"un grand merci", 12},
                                 {"inolvidable", 12},
                                 {"ha sido", 8},
                                 {"gracias por todo", 15},
                                 {"recomendar*", 8},
                                 {"correu tudo", 15},
                                 {"muito obrigado pela", 15},
                                 {"grazie mille per", 15},
                                 {"stupenda", 12},
                                 {"bedankt voor de", 12},
                                 {"reis gehad", 15},
                                 {"fantastische reis", 12},
                                 {"thank you for everything", 15},
                                 // complaints
                                 {"complain*", 20},
                                 {"disappointed", 15},
                                 {"refund", 15},
                                 {"klagte", 20},
                                 {"ontevrede", 15},
                                 {"geld terug", 15},
                                 {"beschwer*", 20},
                                 {"stinksauer", 15},
                                 {"erstattung", 15},
                                 {"reclamation", 20},
                                 {"mecontent*", 15},
                                 {"rembours*", 15},
                                 {"reclam*", 20},
                                 {"devolucion", 12},
                                 {"exijo", 15},
                                 {"reembolso", 15},
                                 {"reclamo", 20},
                                 {"rimborso", 15},
                                 {"klacht*", 20},
                                 {"vergoeding", 12},
                                 {"did not work", 8},
                                 {"ristrutturazione", 6},
                                 // bounces, applications, suppliers, refusals
                                 {"undeliver*", 25},
                                 {"delivery has failed", 25},
                                 {"delivery failed", 25},
                                 {"mailer daemon", 25},
                                 {"my cv", 20},
                                 {"cv is attached", 20},
                                 {"curriculum", 15},
                                 {"apply for", 12},
                                 {"position of", 12},
                                 {"bewerb*", 20},
                                 {"lebenslauf", 20},
                                 {"candidature", 20},
                                 {"sollicite*", 20},
                                 {"vacature", 15},
                                 {"candidatura", 20},
                                 {"contract rates", 20},
                                 {"sto rates", 20},
                                 {"dear partner", 15},
                                 {"load them", 12},
                                 {"another agency", 20},
                                 {"cancel our request", 20},
                                 {"please cancel", 12},
                                 {"referencement", 20},
                                 {"votre site", 10},
                                 {"your website", 10},
                                 {"seo", 15},
                                 {"partenariat", 12},
                                 {"audit gratuit", 15},
                                 {"booking ref", 8}};
  return table;
}

double sum_of(const Reading& mail, const PhraseTable& table, double most) {
  double sum = 0;
  std::vector<int> seen;
  for (const auto& hit : table.find_all(mail.tokens)) {
    // The same word again says nothing new.
    const auto key = static_cast<int>(std::hash<std::string>{}(mail.tokens[hit.first].text) >> 33U);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    seen.push_back(key);
    sum += hit.value / 10.0;
  }
  return std::min(sum, most);
}

}  // namespace

void judge_intent(const Reading& mail, Enquiry& enquiry) {
  double score = -1.2;
  if (!enquiry.destinations.empty()) score += 1.0;
  if (!enquiry.hotels.empty()) score += 0.5;
  if (enquiry.check_in) score += 0.8;
  if (enquiry.check_in && enquiry.check_out) score += 0.3;
  if (enquiry.month) score += 0.5;
  if (enquiry.nights) score += 0.6;
  if (enquiry.adults) score += 0.7;
  if (enquiry.children) score += 0.4;
  if (enquiry.rooms) score += 0.5;
  if (enquiry.board) score += 0.4;
  if (enquiry.budget) score += 0.2;
  score += sum_of(mail, asking(), 2.5);
  score -= sum_of(mail, other_matters(), 6.0);
  enquiry.is_enquiry = score > 0;
  const double sure = 1 / (1 + std::exp(-1.5 * score));
  enquiry.confidence = enquiry.is_enquiry ? sure : 1 - sure;
}

}  // namespace inbound
