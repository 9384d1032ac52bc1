#include <array>
#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sodium.h>
#include <unistd.h>

#include "auth/mailer.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "observe/log.hpp"

namespace host::auth {
namespace {

namespace fs = std::filesystem;

// A line break in a header would start another header.
std::string header_text(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string base64(std::string_view text) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string out(sodium_base64_encoded_len(text.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                    text.size(), kVariant);
  out.pop_back();
  return out;
}

// RFC 2047 encoded words, each short enough for a header line; cut between characters.
std::string subject_text(std::string_view subject) {
  const std::string text = header_text(std::string(subject));
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = std::min<std::size_t>(42, text.size() - at);
    while (at + size < text.size() && size > 1 &&
           (static_cast<unsigned char>(text[at + size]) & 0xc0) == 0x80)
      --size;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(std::string_view(text).substr(at, size)) + "?=";
    at += size;
  }
  return out;
}

// Can be read as it lies there. No line is longer than RFC 5322 allows (998 bytes).
std::string body_of(std::string_view text) {
  constexpr std::size_t kLongest = 900;
  std::string out;
  std::size_t column = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\0') continue;
    const bool within_character = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    const bool full = column >= kLongest && !within_character;
    if (c == '\n' || full) {
      out += "\r\n";
      column = 0;
    }
    if (c == '\n') continue;
    out += c;
    ++column;
  }
  return out + "\r\n";
}

// RFC 5322, section 3.3.
std::string date_of(Timestamp time) {
  const std::time_t seconds = Clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};  // English names: nothing here sets a locale
  return {text.data(),
          std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &utc)};
}

std::string message_of(const Mail& mail, const std::string& id) {
  return "Date: " + date_of(now()) + "\r\nMessage-ID: <" + id +
         "@serai>\r\nTo: " + header_text(mail.to) + "\r\nSubject: " + subject_text(mail.subject) +
         "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
         "Content-Transfer-Encoding: 8bit\r\n\r\n" +
         body_of(mail.text);
}

// Written under another name and renamed, so that a relay never picks up half a message.
bool write_durably(const fs::path& folder, const std::string& name, std::string_view bytes) {
  const fs::path draft = folder / ("." + name + ".part");
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  bool good = true;
  while (good && !bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    good = written > 0;
    if (good) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(file) == 0;
  good = ::close(file) == 0 && good;
  good = good && ::rename(draft.c_str(), (folder / name).c_str()) == 0;
  if (!good) {
    ::unlink(draft.c_str());
    return false;
  }
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool kept = ::fsync(directory) == 0;
  ::close(directory);
  return kept;
}

class OutboxMailer final : public Mailer {
 public:
  explicit OutboxMailer(fs::path directory) : directory_(std::move(directory)) {}

  void send(const Mail& mail) override {
    const fs::path folder = directory_ / mail.tenant;
    const std::string id = uuid_v7();
    std::error_code error;
    fs::create_directories(folder, error);
    fs::permissions(directory_, fs::perms::owner_all, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    if (!write_durably(folder, id + ".eml", message_of(mail, id)))
      throw unavailable("mail_unavailable", "The mail could not be sent. Try again later.", 60);
    observe::log(observe::Level::info, "mail waits in the outbox: the host has no SMTP",
                 {{"tenant", mail.tenant}, {"mail", id}});
  }

  void forget(const std::string& tenant) override {
    if (!tenant.empty()) fs::remove_all(directory_ / tenant);
  }

 private:
  fs::path directory_;
};

}  // namespace

std::unique_ptr<Mailer> make_outbox_mailer(fs::path directory) {
  return std::make_unique<OutboxMailer>(std::move(directory));
}

}  // namespace host::auth
