#include "mail_in/smtp_session.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace host::mail_in {
namespace {

// A client that goes on sending after the limit is heard to the end so that it learns why; one that
// never ends is cut off.
constexpr std::uint64_t kPatience = 2;  // times the limit

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(end);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return word;
}

// "<anna@example.com> SIZE=1000" without the brackets; what follows stays in `text`. nullopt: there
// is no path. A quoted local part may hold a bracket.
std::optional<std::string_view> take_path(std::string_view& text) {
  const auto whole = text;
  if (!whole.starts_with('<')) return std::nullopt;
  bool quoted = false;
  for (std::size_t i = 1; i < whole.size(); ++i) {
    if (quoted && whole[i] == '\\') {
      ++i;
    } else if (whole[i] == '"') {
      quoted = !quoted;
    } else if (whole[i] == '>' && !quoted) {
      text = whole.substr(i + 1);
      if (!text.empty() && text.front() != ' ') return std::nullopt;
      while (text.starts_with(' ')) text.remove_prefix(1);
      return whole.substr(1, i - 1);
    }
  }
  return std::nullopt;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && lower(text.substr(0, word.size())) == word;
}

// The argument of "MAIL FROM:" and "RCPT TO:"; some clients put a space behind the colon.
std::optional<std::string_view> after(std::string_view argument, std::string_view word) {
  if (!starts_with_word(argument, word)) return std::nullopt;
  argument.remove_prefix(word.size());
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  return argument;
}

std::string_view reply_to(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return "250 2.1.5 Go on";
    case Verdict::not_ours:
      return "550 5.7.1 Mail for that address does not end here";
    case Verdict::unknown:
      return "550 5.1.1 Nobody has that address";
    case Verdict::later:
      break;
  }
  return "450 4.2.1 That address takes no mail now; try again later";
}

std::string reply_to(Outcome outcome, std::string_view id) {
  switch (outcome) {
    case Outcome::stored:
      return "250 2.0.0 Stored as " + std::string(id);
    case Outcome::later:
      return "451 4.3.0 It could not be stored; try again later";
    case Outcome::full:
      return "452 4.3.1 There is no room for it now; try again later";
    case Outcome::too_large:
      return "552 5.3.4 The message is too large";
    case Outcome::refused:
      break;
  }
  return "554 5.6.0 The message was refused";
}

// One answer for several recipients: as long as one of them wants it again, all get it again, and
// who has it already takes it once.
Outcome together(std::span<const Outcome> outcomes) {
  for (const auto outcome : {Outcome::later, Outcome::full, Outcome::too_large, Outcome::refused})
    if (std::find(outcomes.begin(), outcomes.end(), outcome) != outcomes.end()) return outcome;
  return outcomes.empty() ? Outcome::refused : Outcome::stored;
}

}  // namespace

SmtpSession::SmtpSession(Protocol protocol, const SmtpLimits& limits, std::string name)
    : protocol_(protocol), limits_(limits), name_(std::move(name)) {
  say("220 " + name_ + (protocol_ == Protocol::lmtp ? " LMTP" : " ESMTP"));
  mail_.via = protocol_ == Protocol::lmtp ? "lmtp" : "smtp";
}

SmtpSession::Event SmtpSession::next(std::string_view& input) {
  while (!input.empty()) {
    if (state_ == State::closed) return Event::close;
    if (state_ == State::judging) return Event::recipient;
    if (state_ == State::storing) return Event::message;
    const auto event = state_ == State::data ? take_data(input) : take_line(input);
    if (event != Event::need_more) return event;
  }
  switch (state_) {
    case State::closed:
      return Event::close;
    case State::judging:
      return Event::recipient;
    case State::storing:
      return Event::message;
    default:
      return Event::need_more;
  }
}

std::string SmtpSession::take_output() { return std::exchange(output_, {}); }

SmtpSession::Event SmtpSession::say(std::string_view line) {
  output_.append(line).append("\r\n");
  return Event::need_more;
}

SmtpSession::Event SmtpSession::refuse(std::string_view line) {
  say(line);
  if (++faults_ < limits_.faults) return Event::need_more;
  shut_down("Too many mistakes");
  return Event::close;
}

void SmtpSession::shut_down(std::string_view reason) {
  if (state_ == State::closed) return;
  say("421 4.3.2 " + name_ + " " + std::string(reason));
  forget_mail();
  state_ = State::closed;
}

void SmtpSession::forget_mail() {
  mail_.sender.clear();
  mail_.recipients.clear();
  mail_.bytes = {};  // gives the memory back
  size_ = 0;
}

SmtpSession::Event SmtpSession::take_line(std::string_view& input) {
  const auto end = input.find('\n');
  const auto piece = input.substr(0, end == input.npos ? input.size() : end + 1);
  input.remove_prefix(piece.size());
  if (line_.size() + piece.size() > limits_.line) {
    line_too_long_ = true;
    // What tells the end apart is its last byte and the one before.
    if (!line_.empty()) line_.erase(0, line_.size() - 1);
    line_ += piece.substr(piece.size() - std::min<std::size_t>(piece.size(), 2));
  } else {
    line_ += piece;
  }
  if (end == input.npos && !line_.ends_with('\n')) return Event::need_more;
  const auto line = std::exchange(line_, {});
  if (!line.ends_with("\r\n")) {
    say("500 5.5.2 Lines end with CR LF");
    shut_down("goes away");
    return Event::close;
  }
  if (std::exchange(line_too_long_, false)) return refuse("500 5.5.2 The line is too long");
  const auto command = std::string_view(line).substr(0, line.size() - 2);
  if (!std::all_of(command.begin(), command.end(), [](char c) { return c >= ' ' && c <= '~'; }))
    return refuse("500 5.5.2 Only printable ASCII is understood");
  return on_command(command);
}

SmtpSession::Event SmtpSession::on_command(std::string_view line) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  auto argument = line;
  const auto verb = lower(take_word(argument));
  if (verb == "ehlo" || verb == "helo" || verb == "lhlo") return on_hello(verb, argument);
  if (verb == "quit") {
    say("221 2.0.0 Goodbye");
    state_ = State::closed;
    return Event::close;
  }
  if (verb == "noop") return say("250 2.0.0 Still here");
  if (verb == "rset") {
    forget_mail();
    if (state_ != State::new_client) state_ = State::ready;
    return say("250 2.0.0 Forgotten");
  }
  // Tells nobody who is here.
  if (verb == "vrfy") return say("252 2.1.5 Send it, and see");
  if (verb == "mail") return on_mail(argument);
  if (verb == "rcpt") return on_recipient(argument);
  if (verb == "data") return on_data();
  if (verb == "expn" || verb == "help" || verb == "starttls" || verb == "auth" || verb == "bdat" ||
      verb == "etrn" || verb == "turn")
    return refuse("502 5.5.1 That is not offered");
  return refuse("500 5.5.2 What is that?");
}

SmtpSession::Event SmtpSession::on_hello(std::string_view verb, std::string_view name) {
  const bool lmtp = protocol_ == Protocol::lmtp;
  if (lmtp != (verb == "lhlo"))
    return refuse(lmtp ? "500 5.5.1 LMTP is spoken here: LHLO" : "500 5.5.1 SMTP is spoken here");
  if (name.empty()) return refuse("501 5.5.4 Say who you are");
  forget_mail();
  state_ = State::ready;
  if (verb == "helo") return say("250 " + name_);
  say("250-" + name_);
  say("250-PIPELINING");
  say("250-SIZE " + std::to_string(limits_.message));
  say("250-8BITMIME");
  return say("250 ENHANCEDSTATUSCODES");
}

SmtpSession::Event SmtpSession::on_mail(std::string_view argument) {
  if (state_ == State::new_client) return refuse("503 5.5.1 Say who you are first");
  if (state_ != State::ready) return refuse("503 5.5.1 One mail at a time; RSET forgets it");
  auto rest = after(argument, "from:");
  const auto path = rest ? take_path(*rest) : std::nullopt;
  if (!path) return refuse("501 5.5.4 That is not MAIL FROM:<address>");
  const auto sender = path->empty() ? Address{} : parse_address(*path);
  if (!sender) return refuse("501 5.1.7 That is no address");
  while (!rest->empty()) {
    const auto parameter = lower(take_word(*rest));
    if (parameter == "body=7bit" || parameter == "body=8bitmime") continue;
    if (!parameter.starts_with("size="))
      return refuse("555 5.5.4 " + parameter + " is not offered");
    const auto digits = std::string_view(parameter).substr(5);
    std::uint64_t size = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    const bool number = !digits.empty() && read.ptr == digits.data() + digits.size();
    // More digits than a number can have is a size all the same.
    if (!number || (read.ec != std::errc() && read.ec != std::errc::result_out_of_range))
      return refuse("501 5.5.4 That is no size");
    if (read.ec != std::errc() || size > limits_.message)
      return refuse("552 5.3.4 The message is too large");
  }
  mail_.sender = sender->text();
  state_ = State::sender;
  return say("250 2.1.0 Go on");
}

SmtpSession::Event SmtpSession::on_recipient(std::string_view argument) {
  if (state_ != State::sender) return refuse("503 5.5.1 MAIL comes first");
  auto rest = after(argument, "to:");
  const auto path = rest ? take_path(*rest) : std::nullopt;
  if (!path) return refuse("501 5.5.4 That is not RCPT TO:<address>");
  const auto recipient = parse_address(*path);
  if (!recipient) return refuse("501 5.1.3 That is no address");
  if (!rest->empty()) return refuse("555 5.5.4 Parameters are not offered");
  if (mail_.recipients.size() >= limits_.recipients)
    return say("452 4.5.3 That is enough for one mail; send it to the others in another");
  recipient_ = *recipient;
  state_ = State::judging;
  return Event::recipient;
}

void SmtpSession::answer(Verdict verdict) {
  if (state_ != State::judging) return;
  state_ = State::sender;
  if (verdict == Verdict::accept) {
    mail_.recipients.push_back(std::move(recipient_));
    say(reply_to(verdict));
  } else if (verdict == Verdict::later) {
    say(reply_to(verdict));  // no mistake of the client's
  } else {
    refuse(reply_to(verdict));
  }
}

SmtpSession::Event SmtpSession::on_data() {
  if (state_ != State::sender) return refuse("503 5.5.1 MAIL comes first");
  if (mail_.recipients.empty()) return refuse("503 5.5.1 Nobody is to have it: RCPT comes first");
  state_ = State::data;
  text_ = Text::line_start;
  return say("354 Go on; CR LF . CR LF ends it");
}

void SmtpSession::append(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ <= limits_.message) {
    mail_.bytes += bytes;
  } else if (!mail_.bytes.empty()) {
    mail_.bytes = {};  // it is refused anyway
  }
}

SmtpSession::Event SmtpSession::take_data(std::string_view& input) {
  while (!input.empty()) {
    if (size_ > limits_.message * kPatience) {
      shut_down("The message is too large");
      return Event::close;
    }
    if (text_ == Text::inside) {  // nearly all of it
      const auto end = input.find('\r');
      append(input.substr(0, end));
      input.remove_prefix(end == input.npos ? input.size() : end + 1);
      if (end != input.npos) text_ = Text::cr;
      continue;
    }
    const char c = input.front();
    input.remove_prefix(1);
    switch (text_) {
      case Text::line_start:
        if (c == '.') {
          text_ = Text::dot;
          continue;
        }
        break;
      case Text::cr:
        if (c == '\n') {
          append("\r\n");
          text_ = Text::line_start;
          continue;
        }
        append("\r");
        break;
      case Text::dot:  // it stands there for us
        if (c == '\r') {
          text_ = Text::dot_cr;
          continue;
        }
        break;
      case Text::dot_cr:
        if (c == '\n') return end_of_data();
        append("\r");
        break;
      case Text::inside:
        break;
    }
    if (c == '\r') {
      text_ = Text::cr;
    } else {
      append({&c, 1});
      text_ = Text::inside;
    }
  }
  return Event::need_more;
}

SmtpSession::Event SmtpSession::end_of_data() {
  state_ = State::storing;
  if (size_ <= limits_.message) return Event::message;
  answer(std::vector<Outcome>(mail_.recipients.size(), Outcome::too_large), "");
  return Event::need_more;
}

void SmtpSession::answer(std::span<const Outcome> outcomes, std::string_view id) {
  if (state_ != State::storing) return;
  if (protocol_ == Protocol::lmtp) {
    for (std::size_t i = 0; i < mail_.recipients.size(); ++i)
      say(reply_to(i < outcomes.size() ? outcomes[i] : Outcome::later, id));
  } else {
    say(reply_to(together(outcomes), id));
  }
  forget_mail();
  state_ = State::ready;
}

}  // namespace host::mail_in
