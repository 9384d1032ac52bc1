#include "support/nginx_server.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace serai_test {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool accepts(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, path.c_str(), sizeof name.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  ::close(socket);
  return connected;
}

std::string without(const std::string& text, const std::string& expression) {
  return std::regex_replace(text, std::regex(expression), "");
}

}  // namespace

std::string NginxServer::configuration(const std::vector<std::string>& nodes) const {
  std::string text = read(SERAI_SOURCE_DIRECTORY "/packaging/nginx/serai-nodes.conf");
  // The servers of the upstream, each with the options it is shipped with.
  const std::regex server("\n *server [0-9.]+:[0-9]+( [^\n]*;)[^\n]*");
  std::smatch found;
  if (!std::regex_search(text, found, server)) throw std::runtime_error("no upstream is shipped");
  std::string servers;
  for (const auto& node : nodes) servers += "\n    server " + node + found[1].str();
  const auto first = static_cast<std::size_t>(found.position());
  text = std::regex_replace(text, server, "");
  text.insert(first, servers);
  // What belongs to a machine, and the limits of one client: the tests are one client.
  text = without(text, "\n *(ssl_|add_header Strict|limit_conn|limit_req)[^\n]*");
  text = without(text, "\nserver \\{\n *listen 80;[^}]*\\}");
  text = without(text, "\n *listen \\[::\\]:443[^\n]*");
  text = std::regex_replace(text, std::regex("listen 443[^\n]*"), "listen unix:" + socket() + ";");
  const std::string here = directory_.path().string();
  return (::geteuid() == 0 ? std::string("user root;\n") : std::string()) + "daemon off;\npid " +
         here + "/pid;\nerror_log " + here + "/error.log info;\nworker_processes 2;\n" +
         "events { worker_connections 1024; }\nhttp {\naccess_log off;\nclient_body_temp_path " +
         here + "/body;\nproxy_temp_path " + here + "/proxy;\nfastcgi_temp_path " + here +
         "/fastcgi;\nuwsgi_temp_path " + here + "/uwsgi;\nscgi_temp_path " + here + "/scgi;\n" +
         text + "\n}\n";
}

NginxServer::NginxServer(const std::vector<std::string>& nodes) {
  const auto file = directory_.path() / "nginx.conf";
  {
    std::ofstream out(file);
    out << configuration(nodes);
  }
  const std::string log = (directory_.path() / "error.log").string();
  const std::string where = file.string(), prefix = directory_.path().string();
  std::vector<std::string> words = {"nginx", "-p", prefix, "-c", where, "-e", log};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int error =
      ::posix_spawnp(&pid_, "/usr/sbin/nginx", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("nginx cannot be started; is nginx-light installed?");
  while (!accepts(socket())) {
    int raw = 0;
    if (::waitpid(pid_, &raw, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("nginx ended: " + this->log());
    }
    ::poll(nullptr, 0, 10);  // lets it have the processor between two questions
  }
}

NginxServer::~NginxServer() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string NginxServer::log() const { return read(directory_.path() / "error.log"); }

}  // namespace serai_test
