// The commands and what comes back; see the header.
#include "plugins/imap_dialogue.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "plugins/imap_fetch_data.hpp"

namespace host::plugins {
namespace {

constexpr std::uint64_t kChatter = 1 << 20;     // bytes that an answer may have around its contents
constexpr std::uint64_t kMaxSearch = 16 << 20;  // some two million UIDs
constexpr std::size_t kMaxWords = 1000, kPiece = 64 << 10;

bool begins(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == std::toupper(static_cast<unsigned char>(b));
         });
}

std::string clean(std::string_view text) {
  std::string words(text.substr(0, kMaxWords));
  for (char& c : words)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return words;
}

// The number after `key` in a response code: "* OK [UIDNEXT 12] ...".
void read_code(std::string_view line, std::string_view key, std::uint32_t& number) {
  if (!begins(line, "* OK [")) return;
  line.remove_prefix(6);
  if (!begins(line, key)) return;
  line.remove_prefix(key.size());
  std::from_chars(line.data(), line.data() + line.size(), number);
}

// "1:3,7": servers do not take lines of any length.
std::string set_of(const std::vector<std::uint32_t>& uids) {
  std::string set;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t last = i;
    while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
    if (!set.empty()) set += ',';
    set += std::to_string(uids[i]);
    if (last > i) set += ':' + std::to_string(uids[last]);
    i = last + 1;
  }
  return set;
}

// The size a line ends with that announces a literal: "... {12}".
bool announces_literal(std::string_view line, std::uint64_t& size) {
  if (!line.ends_with('}')) return false;
  const auto open = line.rfind('{');
  if (open == std::string_view::npos || open + 2 >= line.size()) return false;
  const auto* end = line.data() + line.size() - 1;
  const auto [stop, error] = std::from_chars(line.data() + open + 1, end, size);
  if (error == std::errc::result_out_of_range)
    throw ImapFault("It announces more bytes than there are.");
  return error == std::errc{} && stop == end;
}

// What people are meant to read may look like anything.
bool is_status(std::string_view line) {
  for (const char* word : {"* OK", "* NO", "* BAD", "* BYE", "* PREAUTH"})
    if (begins(line, word)) return true;
  return !line.starts_with("* ");
}

}  // namespace

ImapDialogue::ImapDialogue(Send send, Receive receive)
    : send_(std::move(send)), receive_(std::move(receive)) {}

bool ImapDialogue::examine(std::string_view quoted_name, Mailbox& mailbox) {
  budget_ = kChatter;
  largest_literal_ = kChatter;
  return finish(send_command("EXAMINE " + std::string(quoted_name)), [&](Response& response) {
    read_code(response.line, "UIDVALIDITY ", mailbox.uid_validity);
    read_code(response.line, "UIDNEXT ", mailbox.uid_next);
  });
}

std::vector<std::uint32_t> ImapDialogue::uids_above(std::uint32_t uid) {
  std::vector<std::uint32_t> found;
  if (uid == UINT32_MAX) return found;
  budget_ = kMaxSearch;
  largest_literal_ = kChatter;
  const auto tag = send_command("UID SEARCH UID " + std::to_string(uid + 1) + ":*");
  const bool ok = finish(tag, [&](Response& response) {
    std::string_view line = response.line;
    if (!begins(line, "* SEARCH")) return;
    line.remove_prefix(8);
    while (true) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      std::uint32_t one = 0;
      const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), one);
      if (error != std::errc{}) break;
      line.remove_prefix(static_cast<std::size_t>(end - line.data()));
      if (one > uid) found.push_back(one);  // n:* names the last one even if it is below n
    }
  });
  if (!ok) throw ImapFault("It refuses to search: " + words_);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::map<std::uint32_t, std::uint64_t> ImapDialogue::sizes(const std::vector<std::uint32_t>& uids) {
  std::map<std::uint32_t, std::uint64_t> found;
  budget_ = kChatter;
  largest_literal_ = kChatter;
  const auto tag = send_command("UID FETCH " + set_of(uids) + " (UID RFC822.SIZE)");
  const bool ok = finish(tag, [&](Response& response) {
    auto data = read_fetch_data(response.line, response.literals);
    if (data && data->uid && data->size) found[*data->uid] = *data->size;
  });
  if (!ok) throw ImapFault("It refuses to tell the messages' sizes: " + words_);
  return found;
}

void ImapDialogue::fetch(const std::vector<std::uint32_t>& uids, std::uint64_t max_bytes,
                         std::uint64_t max_total,
                         const std::function<void(std::uint32_t, Fetched)>& take) {
  std::vector<std::string> tags;
  std::string commands;
  for (const auto uid : uids) {
    tags.push_back('S' + std::to_string(++commands_));
    commands += tags.back() + " UID FETCH " + std::to_string(uid) + " (UID BODY.PEEK[])\r\n";
  }
  send_(commands);
  budget_ = max_total + kChatter;
  largest_literal_ = max_bytes;
  // Servers may give all contents before they end the first command.
  std::map<std::uint32_t, std::string> contents;
  std::vector<Fetched::State> without;  // of the commands that have ended, if nothing came
  std::size_t next = 0;
  const auto settle = [&] {
    for (; next < uids.size(); ++next) {
      if (const auto found = contents.find(uids[next]); found != contents.end()) {
        auto content = std::move(found->second);
        contents.erase(found);
        take(uids[next], {Fetched::State::whole, std::move(content)});
      } else if (next < without.size()) {
        take(uids[next], {without[next], {}});
      } else {
        return;
      }
    }
  };
  while (without.size() < tags.size()) {
    try {
      auto response = read_response();
      bool ok = false;
      if (is_end(response, tags[without.size()], ok)) {
        without.push_back(ok ? Fetched::State::gone : Fetched::State::withheld);
      } else if (auto data = read_fetch_data(response.line, response.literals);
                 data && data->uid && data->body) {
        contents[*data->uid] = std::move(*data->body);
      }
    } catch (const TooLarge&) {
      if (next < uids.size()) take(uids[next], {Fetched::State::too_large, {}});
      return;
    }
    settle();
  }
}

std::string ImapDialogue::send_command(const std::string& text) {
  auto tag = 'S' + std::to_string(++commands_);
  send_(tag + ' ' + text + "\r\n");
  return tag;
}

bool ImapDialogue::finish(const std::string& tag, const std::function<void(Response&)>& heard) {
  bool ok = false;
  while (true) {
    auto response = read_response();
    if (is_end(response, tag, ok)) return ok;
    heard(response);
  }
}

bool ImapDialogue::is_end(const Response& response, const std::string& tag, bool& ok) {
  std::string_view line = response.line;
  if (line.starts_with("* ")) {
    if (begins(line, "* BYE")) words_ = clean(line.substr(5));
    return false;
  }
  if (!line.starts_with(tag + ' ')) throw ImapFault("It answers what was not asked.");
  line.remove_prefix(tag.size() + 1);
  ok = begins(line, "OK");
  if (!ok && !begins(line, "NO") && !begins(line, "BAD"))
    throw ImapFault("It answers neither yes nor no.");
  if (!ok) words_ = clean(line);
  return true;
}

ImapDialogue::Response ImapDialogue::read_response() {
  Response response;
  response.line = read_line();
  if (is_status(response.line)) return response;
  std::uint64_t size = 0;
  while (announces_literal(response.line, size)) {
    if (size > largest_literal_) throw TooLarge("It announces more bytes than may be.");
    read_literal(size, response.literals.emplace_back());
    response.line += read_line();
  }
  return response;
}

std::string ImapDialogue::read_line() {
  std::size_t looked = at_;
  while (true) {
    const auto end = buffer_.find('\n', looked);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(at_, end - at_);
      spend(end + 1 - at_);
      at_ = end + 1;
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (buffer_.size() - at_ > budget_) spend(buffer_.size() - at_);
    looked = buffer_.size() - at_;
    more();
  }
}

void ImapDialogue::read_literal(std::uint64_t size, std::string& to) {
  spend(size);
  while (to.size() < size) {
    if (at_ == buffer_.size()) more();
    const auto piece = std::min<std::uint64_t>(size - to.size(), buffer_.size() - at_);
    to.append(buffer_, at_, piece);
    at_ += piece;
  }
}

// Keeps what was not read yet, at the buffer's begin.
void ImapDialogue::more() {
  buffer_.erase(0, at_);
  at_ = 0;
  const auto old = buffer_.size();
  buffer_.resize(old + kPiece);
  std::size_t got = 0;
  try {
    got = receive_(buffer_.data() + old, kPiece);
  } catch (...) {
    buffer_.resize(old);
    throw;
  }
  buffer_.resize(old + got);
}

void ImapDialogue::spend(std::uint64_t bytes) {
  if (bytes > budget_) throw ImapFault("It says more than was asked.");
  budget_ -= bytes;
}

}  // namespace host::plugins
