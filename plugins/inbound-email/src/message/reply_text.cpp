#include "reply_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "understanding/phrases.hpp"

namespace inbound {
namespace {

constexpr std::size_t kMostLines = 20'000;

std::string_view trimmed(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r*_");
  if (first == std::string_view::npos) return {};
  const auto last = line.find_last_not_of(" \t\r*_");
  return line.substr(first, last - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kMostLines) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool holds(std::string_view folded, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return folded.find(word) != std::string_view::npos;
  });
}

// "-----Original Message-----", "---------- Forwarded message ---------"
bool is_ruled_mark(std::string_view line) {
  if (!line.starts_with("---") && !line.starts_with("___")) return false;
  const auto folded = fold(line.substr(0, 200));
  return holds(folded,
               {"original message", "oorspronklike boodskap", "ursprungliche nachricht",
                "message original", "message d'origine", "mensaje original", "mensagem original",
                "messaggio originale", "oorspronkelijk bericht", "forwarded message",
                "weitergeleitete nachricht", "message transfere", "mensaje reenviado",
                "mensagem encaminhada", "messaggio inoltrato", "doorgestuurd bericht"});
}

// "On Mon, 9 Mar 2026 at 10:14, Thabo <t@example.com> wrote:", which may be wrapped.
bool is_attribution(const std::vector<std::string_view>& lines, std::size_t at) {
  std::string joined;
  for (std::size_t i = at; i < lines.size() && i < at + 3; ++i) {
    const auto line = trimmed(lines[i]);
    if (line.empty() || line.size() > 300) return false;
    joined += line;
    joined += ' ';
    if (!line.ends_with(':')) continue;
    const auto folded = fold(joined);
    const bool digits = folded.find_first_of("0123456789") != std::string::npos;
    return digits && holds(folded, {" wrote", " schrieb", " a ecrit", " escribio", " escreveu",
                                    " ha scritto", " schreef", " geskryf", " skryf"});
  }
  return false;
}

// "From: ... / Sent: ... / To: ... / Subject: ..." as Outlook puts it over what it quotes.
bool is_header_block(const std::vector<std::string_view>& lines, std::size_t at) {
  const auto begins = [](std::string_view line, std::initializer_list<std::string_view> names) {
    const auto folded = fold(trimmed(line).substr(0, 40));
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return folded.starts_with(name); });
  };
  if (!begins(lines[at], {"from:", "von:", "de:", "de :", "da:", "van:"})) return false;
  int more = 0;
  for (std::size_t i = at + 1; i < lines.size() && i < at + 6; ++i) {
    if (begins(lines[i],
               {"sent:",   "date:",      "to:",      "subject:", "cc:",         "gesendet:",
                "datum:",  "an:",        "betreff:", "envoye:",  "envoye :",    "a:",
                "a :",     "objet:",     "objet :",  "enviado:", "enviado el:", "para:",
                "asunto:", "assunto:",   "enviada:", "inviato:", "oggetto:",    "verzonden:",
                "aan:",    "onderwerp:", "gestuur:", "vir:"})) {
      ++more;
    }
  }
  return more >= 2;
}

const PhraseTable& closings() {
  static const PhraseTable table{{"regards", 0},
                                 {"kind regards", 0},
                                 {"best regards", 0},
                                 {"warm regards", 0},
                                 {"kindest regards", 0},
                                 {"best wishes", 0},
                                 {"cheers", 0},
                                 {"yours sincerely", 0},
                                 {"yours faithfully", 0},
                                 {"sincerely", 0},
                                 {"many thanks", 0},
                                 {"thanks", 0},
                                 {"thank you", 0},
                                 {"best", 0},
                                 {"all the best", 0},
                                 {"ta", 0},
                                 {"groete", 0},
                                 {"vriendelike groete", 0},
                                 {"beste wense", 0},
                                 {"dankie", 0},
                                 {"baie dankie", 0},
                                 {"mit freundlichen grussen", 0},
                                 {"mit freundlichem gruss", 0},
                                 {"freundliche grusse", 0},
                                 {"viele grusse", 0},
                                 {"liebe grusse", 0},
                                 {"herzliche grusse", 0},
                                 {"beste grusse", 0},
                                 {"schone grusse", 0},
                                 {"mfg", 0},
                                 {"lg", 0},
                                 {"vg", 0},
                                 {"gruss", 0},
                                 {"danke", 0},
                                 {"cordialement", 0},
                                 {"bien cordialement", 0},
                                 {"bien a vous", 0},
                                 {"salutations", 0},
                                 {"sinceres salutations", 0},
                                 {"bonne journee", 0},
                                 {"merci", 0},
                                 {"merci beaucoup", 0},
                                 {"merci d avance", 0},
                                 {"saludos", 0},
                                 {"un saludo", 0},
                                 {"atentamente", 0},
                                 {"saludos cordiales", 0},
                                 {"gracias", 0},
                                 {"gracias y saludos", 0},
                                 {"cumprimentos", 0},
                                 {"obrigado", 0},
                                 {"obrigada", 0},
                                 {"com os melhores cumprimentos", 0},
                                 {"atenciosamente", 0},
                                 {"um abraco", 0},
                                 {"abraco", 0},
                                 {"saluti", 0},
                                 {"cordiali saluti", 0},
                                 {"distinti saluti", 0},
                                 {"un saluto", 0},
                                 {"grazie", 0},
                                 {"grazie mille", 0},
                                 {"met vriendelijke groet", 0},
                                 {"met vriendelijke groeten", 0},
                                 {"vriendelijke groeten", 0},
                                 {"vriendelijke groet", 0},
                                 {"groet", 0},
                                 {"groeten", 0},
                                 {"groetjes", 0},
                                 {"mvg", 0},
                                 {"bedankt", 0},
                                 {"alvast bedankt", 0},
                                 {"hartelijke groet", 0}};
  return table;
}

// A closing alone on its line, with a name at most.
bool is_closing(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line.size() > 80) return false;
  const auto tokens = tokenize(line);
  PhraseHit hit;
  if (closings().find_at(tokens, 0, hit) == nullptr) return false;
  std::size_t words = 0;
  for (std::size_t i = hit.last + 1; i < tokens.size(); ++i) {
    if (tokens[i].is_number() || tokens[i].is("?")) return false;
    if (tokens[i].is_word() && (++words > 3 || !tokens[i].capital)) return false;
  }
  return true;
}

bool is_phone_footer(std::string_view line) {
  const auto folded = fold(trimmed(line).substr(0, 120));
  return holds(folded, {"sent from my ", "gestuur vanaf my", "von meinem iphone", "gesendet mit",
                        "envoye de mon", "enviado desde mi", "enviado do meu", "inviato da iphone",
                        "inviato dal mio", "verzonden vanaf mijn", "get outlook for",
                        "please consider the environment"});
}

void append(std::string& out, std::string_view line) {
  out += line;
  out += '\n';
}

void trim(std::string& text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  text.resize(last == std::string::npos ? 0 : last + 1);
  text.erase(0, std::min(text.find_first_not_of("\r\n"), text.size()));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

ReplyText split_reply(std::string_view body) {
  const auto lines = lines_of(body);
  ReplyText reply;
  enum class Part { text, signature, quoted } part = Part::text;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const auto line = trimmed(lines[at]);
    if (part != Part::quoted && !line.empty() &&
        (is_ruled_mark(line) || is_attribution(lines, at) || is_header_block(lines, at))) {
      part = Part::quoted;
    }
    if (part != Part::quoted && line.starts_with('>')) {
      append(reply.quoted, line);
      continue;
    }
    if (part == Part::text && (lines[at] == "-- " || lines[at] == "--" || is_phone_footer(line))) {
      part = Part::signature;
    }
    // "PS: we need a cot" stands below the name and is no signature.
    const bool afterthought =
        part == Part::signature && (line.starts_with("PS") || line.starts_with("P.S"));
    if (part == Part::quoted) {
      append(reply.quoted, lines[at]);
    } else if (part == Part::signature && !afterthought) {
      append(reply.signature, lines[at]);
    } else {
      append(reply.text, lines[at]);
    }
    // What was written before the closing must not be nothing: "Thanks! Could you ..." begins
    // mails.
    if (part == Part::text && is_closing(line) && !is_blank(reply.text) && at >= 2) {
      part = Part::signature;
    }
  }
  if (is_blank(reply.text)) std::swap(reply.text, reply.quoted);
  trim(reply.text);
  trim(reply.signature);
  trim(reply.quoted);
  return reply;
}

}  // namespace inbound
