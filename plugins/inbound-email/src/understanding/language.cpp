// By the small words that every text is full of. A word that several languages have counts for
// each of them, the less the more there are.
#include "language.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

namespace inbound {
namespace {

constexpr std::array<std::string_view, kLanguages> kCodes = {"en", "af", "de", "fr",
                                                             "es", "pt", "it", "nl"};

constexpr std::array<std::string_view, kLanguages> kSmallWords = {
    // English
    "the and of to in is for we i you would like with from are our have please can could your us "
    "my "
    "on at be it this that will want not or if any there looking thanks thank regards dear hi "
    "hello "
    "need do what how much me by was has an as when were been but out which kindly best so all per "
    "person night nights week quote price am pls week just next between i'm about their they who "
    "view adults children kids two three four starting trip holiday room rooms group",
    // Afrikaans
    "ek ons die en van het is nie vir met wil julle jy dit 'n n vanaf asseblief asb dankie groete "
    "goeie goeiedag goeiemore ook na toe te om op in kan sal of by my hulle wat hoe kos mense "
    "nagte "
    "kinders volwassenes graag soek baie omtrent jaar was word tot as oor almal een twee drie vier "
    "vyf moet se hallo kamer kamers haar sy so saam reis vrou man weer net stuur hierdie beste ny "
    "alles ingesluit geagte vind betaal vriendelike ses sewe agt plek lees jongste deur uit hier "
    "teken vakansie plekkie lekker iemand niemand aangeheg",
    // German
    "und der die das ich wir sie ist nicht ein eine einen fur mit von vom bis zum zur zu im in den "
    "dem des auf wurden mochten bitte danke gruss grusse hallo sehr geehrte damen herren uns unser "
    "unsere haben hatten was kostet gerne gern ab am oder auch noch nach reise kinder erwachsene "
    "personen nachte wochen zwei drei angebot guten tag als bei aus wie viel mein meine ihr ihre "
    "ihnen konnen uber war sind wird es dass wenn nur mfg lg viele moin servus gruezi zimmer hab",
    // French
    "le la les et de des du un une nous je vous est pour avec dans sur au aux en pas que qui ne "
    "notre nos mon ma mes votre vos bonjour merci cordialement voudrais voudrions souhaitons "
    "souhaiterais pouvez pourriez devis prix nuits enfants adultes personnes ans sommes a partir "
    "jusqu il elle on ce cette ou mais plus tout tres bien semaine d l j qu c s salut madame "
    "monsieur quel serait etait faire cherche cherchons chambre chambres partir suis par ont "
    "veuillez trouver ci joint serait idee coucou",
    // Spanish
    "el la los las y de del un una nosotros yo para con en por que no es somos queremos quisiera "
    "quisieramos buscamos hola gracias saludos saludo buenas buenos dias tardes presupuesto precio "
    "noches ninos adultos personas anos desde hasta nuestro nuestra mi mis su sus al lo se muy "
    "todo "
    "incluido cuanto tienen hay como esta estamos ustedes usted viaje viajar habitaciones "
    "habitacion "
    "semana ha he si o pero mas fecha favor nos cuesta costaria salida dos tres cuatro estimados "
    "le les ya sobre han sido fuera",
    // Portuguese
    "o a os as e de do da dos das um uma nos eu para com em no na nas por que nao sao somos "
    "queremos "
    "gostaria gostariamos queria ola obrigado obrigada cumprimentos bom boa dia tarde orcamento "
    "preco "
    "precos noites criancas adultos pessoas anos ate nosso nossa meu minha seu sua ao muito tudo "
    "incluido quanto tem voce voces viagem quartos quarto semana ou mas mais favor custa partir oi "
    "pra dois duas tres esta estamos vamos foi ser qual este esta segue anexo pelo pela exmos "
    "gente "
    "se ha estou",
    // Italian
    "il lo la gli le e di del della dei delle un una noi io per con in nel nella a al alle che non "
    "siamo vorremmo vorrei buongiorno buonasera salve ciao grazie saluti cordiali distinti "
    "preventivo prezzo prezzi notti bambini adulti persone anni dal fino nostro nostra mio mia mie "
    "suo ai da si molto tutto incluso quanto avete disponibilita viaggio viaggiare camere camera "
    "settimana settimane o ma piu ci sono cosa ho ed anche come mi vi due tre quattro questo e "
    "possibile siete cerchiamo cerca allegato gentile gentili l dell all",
    // Dutch
    "de het een en van ik wij we is niet voor met naar in op te om graag willen wil kunnen kunt u "
    "uw "
    "jullie je bij dat die dit er zijn was wat hoe kost kosten dank bedankt groet groeten groetjes "
    "beste hallo hoi goedemiddag goedendag goedenavond goedemorgen offerte prijs nachten kinderen "
    "volwassenen personen jaar vanaf tot ook nog maar ons onze mijn aan uit als heb hebben hebt "
    "zoeken gaan weken week twee drie vier geachte heer mevrouw ontvangt ontvangen hierbij ben "
    "mijn "
    "t m mogelijk z weekje weg zee zon strand totaal over of vriendelijke reis kamer kamers "
    "mogelijkheden bent"};

struct Known {
  std::unordered_map<std::string_view, std::vector<Language>> words;

  Known() {
    for (std::size_t language = 0; language < kLanguages; ++language) {
      auto rest = kSmallWords[language];
      while (!rest.empty()) {
        const auto space = std::min(rest.find(' '), rest.size());
        auto& known = words[rest.substr(0, space)];
        const auto here = static_cast<Language>(language);
        if (std::find(known.begin(), known.end(), here) == known.end()) known.push_back(here);
        rest.remove_prefix(std::min(space + 1, rest.size()));
      }
    }
  }
};

}  // namespace

std::string_view code_of(Language language) { return kCodes[static_cast<std::size_t>(language)]; }

std::optional<Language> language_of(std::string_view code) {
  const auto found = std::find(kCodes.begin(), kCodes.end(), code);
  if (found == kCodes.end()) return std::nullopt;
  return static_cast<Language>(found - kCodes.begin());
}

LanguageGuess guess_language(const Tokens& tokens) {
  static const Known known;
  std::array<double, kLanguages> score{};
  for (const auto& token : tokens) {
    const auto word = known.words.find(token.text);
    if (word == known.words.end()) continue;
    const auto count = static_cast<double>(word->second.size());
    for (const auto language : word->second) {
      score[static_cast<std::size_t>(language)] += 1 / count;
    }
  }
  const auto best = std::max_element(score.begin(), score.end());
  if (*best == 0) return {};
  double all = 0;
  for (const double one : score) all += one;
  return {static_cast<Language>(best - score.begin()), *best / all};
}

}  // namespace inbound
