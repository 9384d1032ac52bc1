// Stop lists as one table from word to the set of languages that ignore it. See language.hpp.
#include "language.hpp"

#include <array>
#include <unordered_map>

namespace serai::retrieval {
namespace {

constexpr std::array<const char*, kLanguages> kNames = {
    "english", "german", "french", "spanish", "portuguese", "italian", "dutch"};

// Function words only: words that carry a topic are kept. Accents are removed in this table.
constexpr std::array<const char*, kLanguages> kStopWords = {
    // English
    "a about above after again against all also am an and any are aren as at be because been "
    "before "
    "being below between both but by can cannot could couldn d did didn do does doesn doing don "
    "down during each either else etc ever few for from further get gets had hadn has hasn have "
    "haven having he her here hers herself him himself his how however i if in into is isn it its "
    "itself just let ll may me might more most much must my myself neither no nor not now of off "
    "on once one only or other our ours ourselves out over own per please re s same shall shan she "
    "should shouldn so some such t than that the their theirs them themselves then there these "
    "they this those through thus to too under until up upon us use used using ve very via was "
    "wasn "
    "we were weren what when where whether which while who whom whose why will with within without "
    "won would wouldn yes yet you your yours yourself yourselves",
    // German
    "aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes "
    "auch auf aus bei beim bin bis bist bitte da damit dann das dass dein deine deinem deinen "
    "deiner dem den denn der des dessen die dies diese diesem diesen dieser dieses dir doch dort "
    "du durch ein eine einem einen einer eines er es etwas euch euer eure fur gegen gibt hab habe "
    "haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins "
    "ist ja jede jedem jeden jeder jedes jetzt kann kein keine keinem keinen keiner konnen konnte "
    "man mein meine meinem meinen meiner mich mir mit muss mussen nach nicht nichts noch nun nur "
    "ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so soll sollen sollte sondern "
    "sonst uber um und uns unser unsere unter viel vom von vor war waren warum was weil welche "
    "welchem welchen welcher welches wenn wer werde werden wie wieder will wir wird wirst wo wurde "
    "wurden zu zum zur zwischen",
    // French
    "a afin ai alors apres as au aucun aucune aussi autre autres aux avant avec avez avoir avons c "
    "car ce ceci cela celle celles celui ces cet cette ceux chez comme comment d dans de depuis "
    "des "
    "donc dont du elle elles en encore entre es est et etaient etait etes etre eu eux fait faut il "
    "ils j je jusqu l la le les leur leurs lors lui m ma mais me meme memes mes moi mon n ne ni "
    "nos "
    "notre nous on ont ou par parce pas pendant peu peut peuvent plus pour pourquoi puis qu quand "
    "que quel quelle quelles quels qui quoi s sa sans se sera serait ses si son sont sous sur t ta "
    "tes te toi ton tous tout toute toutes tres tu un une vers vos votre vous y",
    // Spanish
    "a al algo alguna algunas alguno algunos ante antes aquel aquella asi aun aunque cada como con "
    "contra cual cuales cuando de del desde donde dos durante e el ella ellas ellos en entre era "
    "eran eres es esa esas ese eso esos esta estaba estan estar estas este esto estos estoy fue "
    "fueron ha hace hacia han hasta hay he la las le les lo los mas me mi mientras mis mucho muy "
    "nada ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque "
    "puede pueden pues que quien quienes se sea segun ser si sido sin sobre solo son soy su sus "
    "tal tambien tan tanto te tener tengo tiene tienen toda todas todo todos tu tus un una uno "
    "unos "
    "usted ustedes y ya yo",
    // Portuguese
    "a ainda algo alguem algum alguma algumas alguns ante antes ao aos apos aquela aquele aqueles "
    "aquilo as ate cada com como contra da das de dela dele deles depois desde dessa desse desta "
    "deste do dos e ela elas ele eles em entre era eram essa essas esse esses esta estao estar "
    "estas estava este estes estou eu foi foram ha isso isto ja la lhe lhes mais mas me mesmo meu "
    "meus minha minhas muito na nao nas nem nenhum nessa nesse nesta neste no nos nossa nosso num "
    "numa o onde os ou outra outro para pela pelas pelo pelos pode podem por porque pra qual "
    "quando quanto que quem sao se seja sem ser sera seu seus so sob sobre sua suas tambem te tem "
    "tenho ter teu toda todas todo todos tu tua um uma umas uns voce voces",
    // Italian
    "a abbiamo ad agli ai al alla alle allo altra altre altri altro anche ancora avere aveva avete "
    "c che chi ci cio coi col come con contro cosa cosi cui d da dagli dai dal dalla dalle dallo "
    "degli dei del della delle dello dentro di dopo dove e ed era erano essere fa fra fino gia gli "
    "ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio molto ne "
    "negli "
    "nei nel nella nelle nello noi non nostra nostro o ogni oppure per perche pero piu poi prima "
    "puo qual quale quali quando quanto quella quelle quelli quello questa queste questi questo "
    "qui quindi sara se sei senza si sia siamo siete sono sopra sotto sta stata stato su sua sue "
    "sugli sui sul sulla sulle sullo suo suoi te ti tra tu tua tue tuo tuoi tutta tutte tutti "
    "tutto "
    "un una uno vi voi vostra vostro",
    // Dutch
    "aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus "
    "een "
    "en er geen geweest haar had hadden heb hebben heeft hem het hier hij hoe hun ik in is ja je "
    "jij jouw jullie kan kon kunnen maar me meer men met mij mijn moet moeten na naar niet niets "
    "nog nu of om omdat onder ons onze ook op over reeds te tegen toch toen tot u uit uw van veel "
    "voor waar waarom wanneer want waren was wat we welke werd wezen wie wij wil willen word "
    "worden "
    "wordt zal ze zei zelf zich zij zijn zo zonder zou"};

using Table = std::unordered_map<std::string_view, std::uint8_t>;

const Table& table() {
  static const Table words = [] {
    Table made;
    for (std::size_t language = 0; language < kLanguages; ++language) {
      std::string_view rest = kStopWords[language];
      while (!rest.empty()) {
        const std::size_t space = rest.find(' ');
        made[rest.substr(0, space)] |= static_cast<std::uint8_t>(1U << language);
        rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
      }
    }
    return made;
  }();
  return words;
}

}  // namespace

const char* stemmer_name(Language language) { return kNames[static_cast<std::size_t>(language)]; }

bool is_stop_word(std::string_view word, Language language) {
  const auto found = table().find(word);
  return found != table().end() && (found->second >> static_cast<unsigned>(language) & 1U) != 0;
}

Language guess_language(std::span<const std::string_view> words, Language fallback) {
  std::array<unsigned, kLanguages> hits{};
  for (const std::string_view word : words) {
    const auto found = table().find(word);
    if (found == table().end()) continue;
    for (std::size_t language = 0; language < kLanguages; ++language) {
      hits[language] += found->second >> language & 1U;
    }
  }
  std::size_t best = static_cast<std::size_t>(fallback);
  bool level = false;
  for (std::size_t language = 0; language < kLanguages; ++language) {
    if (language == best) continue;
    if (hits[language] > hits[best]) {
      best = language;
      level = false;
    } else if (hits[language] == hits[best] && best != static_cast<std::size_t>(fallback)) {
      level = true;
    }
  }
  // Short texts borrow words ("a la carte"): two more hits than the fallback has, or none.
  const unsigned needed = hits[static_cast<std::size_t>(fallback)] + 2;
  return level || hits[best] < needed ? fallback : static_cast<Language>(best);
}

}  // namespace serai::retrieval
