#include "support/imap_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace serai_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDovecot = "/usr/sbin/dovecot";
constexpr int kPatience = 3000, kLookAroundMs = 10;  // 30 s in all

std::string random_word(std::size_t size) {
  static constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
  std::random_device random;
  std::string word;
  while (word.size() < size) word += kLetters[random() % kLetters.size()];
  return word;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Who the server runs as: its login processes refuse root, and others may not be changed to.
const passwd& server_user() {
  const passwd* user = ::geteuid() == 0 ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
  if (user == nullptr) throw std::runtime_error("there is no user for Dovecot to run as");
  return *user;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Two that nobody listens on: Dovecot wants to be told numbers.
std::pair<int, int> free_ports() {
  int sockets[2], ports[2];
  for (int i = 0; i < 2; ++i) {
    sockets[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(sockets[i], reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(sockets[i], reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("there is no free port");
    ports[i] = ntohs(address.sin_port);
  }
  for (const int socket : sockets) ::close(socket);
  return {ports[0], ports[1]};
}

bool listens(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool open =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return open;
}

void make_certificate(const std::string& folder) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2> " + folder + "/openssl.txt";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
}

void give_away(const fs::path& folder) {
  const auto& user = server_user();
  if (::geteuid() != 0) return;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (::lchown(entry.path().c_str(), user.pw_uid, user.pw_gid) != 0)
      throw std::runtime_error("the server's files cannot be given away");
  if (::chown(folder.c_str(), user.pw_uid, user.pw_gid) != 0)
    throw std::runtime_error("the server's directory cannot be given away");
}

std::string configuration(const std::string& folder, const std::string& password, int port,
                          int secure) {
  const auto& user = server_user();
  const std::string name = user.pw_name, group = std::to_string(user.pw_gid);
  return "base_dir = " + folder + "/run\nstate_dir = " + folder + "/state\nlog_path = " + folder +
         "/log\ndefault_internal_user = " + name +
         "\ndefault_internal_group = " + ::getgrgid(user.pw_gid)->gr_name +
         "\ndefault_login_user = " + name +
         "\nprotocols = imap\nlisten = 127.0.0.1\nssl = yes\nssl_cert = <" + folder +
         "/cert.pem\nssl_key = <" + folder +
         "/key.pem\ndisable_plaintext_auth = yes\nfirst_valid_uid = 0\nauth_failure_delay = 0\n"
         "mail_location = maildir:~/Maildir\nmail_fsync = never\n"
         "passdb {\n  driver = static\n  args = password=" +
         password +
         "\n}\nuserdb {\n  driver = static\n  args = uid=" + std::to_string(user.pw_uid) +
         " gid=" + group + " home=" + folder +
         "/homes/%u\n}\n"
         "service anvil {\n  chroot =\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n"
         "service stats {\n  chroot =\n}\n"
         "service imap-login {\n  chroot =\n  inet_listener imap {\n    port = " +
         std::to_string(port) +
         "\n  }\n  inet_listener imaps {\n    port = " + std::to_string(secure) + "\n  }\n}\n";
}

struct Upload {
  const std::string* bytes;
  std::size_t sent = 0;
};
std::size_t on_read(char* to, std::size_t size, std::size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const auto piece = std::min(size * count, upload.bytes->size() - upload.sent);
  upload.bytes->copy(to, piece, upload.sent);
  upload.sent += piece;
  return piece;
}
std::size_t on_write(char* data, std::size_t size, std::size_t count, void* user) {
  static_cast<std::string*>(user)->append(data, size * count);
  return size * count;
}

}  // namespace

ImapServer::ImapServer() : password_(random_word(20)) {
  const auto folder = directory_.path();
  make_certificate(folder.string());
  for (const char* name : {"run", "state", "homes"}) fs::create_directory(folder / name);
  std::tie(port_, secure_) = free_ports();
  std::ofstream(folder / "dovecot.conf")
      << configuration(folder.string(), password_, port_, secure_);
  give_away(folder);
  start();
}

ImapServer::~ImapServer() { stop(); }

void ImapServer::start() {
  const auto folder = directory_.path().string();
  const auto& user = server_user();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    const int out = ::open((folder + "/out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(user.pw_gid) != 0 ||
                             ::setuid(user.pw_uid) != 0 || ::chdir("/") != 0))
      ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // not to outlive a test that crashes
    if (::getppid() != parent) ::_exit(125);
    const auto file = folder + "/dovecot.conf";
    ::execl(kDovecot, kDovecot, "-F", "-c", file.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < kPatience; ++i) {
    if (listens(port_) && listens(secure_)) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("Dovecot ended: " + read(folder + "/out") + read(folder + "/log"));
    }
    ::poll(nullptr, 0, kLookAroundMs);
  }
  throw std::runtime_error("Dovecot does not listen: " + read(folder + "/log"));
}

void ImapServer::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void ImapServer::append(const std::string& user, const std::string& raw,
                        const std::string& folder) {
  request(user, folder, nullptr, &raw);
}

std::string ImapServer::command(const std::string& user, const std::string& command,
                                const std::string& folder) {
  return request(user, folder, command.c_str(), nullptr);
}

void ImapServer::renumber(const std::string& user) {
  const auto maildir = directory_.path() / "homes" / user / "Maildir";
  for (const auto& entry : fs::directory_iterator(maildir)) {
    const auto name = entry.path().filename().string();
    // dovecot-uidvalidity stays: it makes the next number another one.
    if (name == "dovecot-uidlist" || name.starts_with("dovecot.")) fs::remove(entry.path());
  }
}

std::string ImapServer::request(const std::string& user, const std::string& folder,
                                const char* command, const std::string* upload) {
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), curl_easy_cleanup);
  const auto where = secure_url() + "/" + folder;
  std::string answer;
  Upload sending{upload};
  curl_easy_setopt(handle.get(), CURLOPT_URL, where.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_CAINFO, authority().c_str());
  curl_easy_setopt(handle.get(), CURLOPT_USERNAME, user.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PASSWORD, password_.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
  if (upload != nullptr) {
    curl_easy_setopt(handle.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(handle.get(), CURLOPT_READDATA, &sending);
    curl_easy_setopt(handle.get(), CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(upload->size()));
  } else {
    curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, command);
  }
  const auto result = curl_easy_perform(handle.get());
  if (result != CURLE_OK)
    throw std::runtime_error("Dovecot refuses: " + std::string(curl_easy_strerror(result)) + "\n" +
                             read(directory_.path() / "log"));
  return answer;
}

}  // namespace serai_test
