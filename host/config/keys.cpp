// Secrets: from the environment, from mounted files, or, in development only, made once and kept.
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.hpp"
#include "config/admin_token.hpp"
#include "config/profile.hpp"

namespace host::config {
namespace {

constexpr auto kMaster = "SERAI_MASTER_KEY";
constexpr auto kJwt = "SERAI_JWT_SECRET";
constexpr auto kAdmin = "SERAI_ADMIN_TOKEN";
constexpr auto kRedis = "SERAI_REDIS_PASSWORD";
constexpr auto kPostgres = "SERAI_POSTGRES";
constexpr auto kPostgresOwner = "SERAI_POSTGRES_OWNER";
constexpr auto kS3Access = "SERAI_S3_ACCESS_KEY";
constexpr auto kS3Secret = "SERAI_S3_SECRET_KEY";
constexpr auto kMailIn = "SERAI_MAIL_IN_SECRET";
constexpr auto kAdminFile = "admin_token";
constexpr std::size_t kLeastBytes = 32;

// Few different characters or a well-known word: a person made it up.
bool weak(const std::string& secret) {
  const std::set<char> different(secret.begin(), secret.end());
  std::string lower = secret;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto* word :
       {"changeme", "password", "secret", "example", "development", "12345678"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return secret.size() < kLeastBytes || different.size() < 10;
}

// "http://127.0.0.1:9000", "http://localhost"
bool on_this_machine(std::string_view url) {
  const auto host = url.substr(url.find("//") + 2);
  const auto name = host.substr(0, host.find(':'));
  return name == "localhost" ||
         (name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string::npos);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + " cannot be read");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void write_private(const std::filesystem::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error(path.string() + " cannot be written");
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  if (!written) throw std::runtime_error(path.string() + " cannot be written");
}

std::filesystem::path place_of(const Profile& profile, const std::string& name) {
  return profile.data / "secrets" / name;
}

std::string kept(const Profile& profile, const std::string& name) {
  const auto path = place_of(profile, name);
  if (!std::filesystem::exists(path)) {
    const auto directory = path.parent_path();
    std::filesystem::create_directories(directory);
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
    write_private(path, random_token(32));
  }
  return read_file(path);
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::optional<std::string> secret_from(const Environment& environment, const std::string& name) {
  // Empty is what a container's `NAME: ${NAME}` makes of one that is not set: a file goes before
  // it.
  auto value = environment(name);
  if (value && !value->empty()) return value;
  if (const auto file = environment(name + "_FILE")) return read_file(*file);
  return value;
}

std::vector<std::string> check_environment(const Profile& profile, const Environment& environment) {
  std::vector<std::string> faults;
  std::optional<std::string> value;
  const auto readable = [&](const char* name) {
    try {
      value = secret_from(environment, name);
      return true;
    } catch (const std::exception& error) {
      faults.push_back(std::string(name) + "_FILE: " + error.what() + ".");
      return false;
    }
  };
  for (const auto* name : {kMaster, kJwt, kAdmin}) {
    if (!readable(name)) continue;
    if (!profile.production()) continue;
    if (!value) {
      faults.push_back(std::string(name) +
                       " is not set; production needs it, at least 32 random characters, e.g. "
                       "from: openssl rand -base64 48.");
    } else if (weak(*value)) {
      faults.push_back(std::string(name) +
                       " is too weak for production; give at least 32 random characters, e.g. "
                       "from: openssl rand -base64 48.");
    }
  }
  if (!profile.redis_address.empty()) readable(kRedis);
  if (profile.storage_engine == "postgres") {
    if (readable(kPostgres) && !value) {
      faults.push_back(std::string(kPostgres) +
                       " is not set; storage.engine postgres needs it, such as "
                       "postgresql://serai_app:PASSWORD@127.0.0.1/serai.");
    }
    readable(kPostgresOwner);
    for (const auto& name : profile.replicas) {
      if (readable(name.c_str()) && value.value_or("").empty())
        faults.push_back(name +
                         " is not set; storage.postgres.replicas names it: give how "
                         "serai_app logs in there, such as "
                         "postgresql://serai_app:PASSWORD@replica.internal/serai.");
    }
  }
  if (profile.blobs.engine == "s3") {
    for (const auto* name : {kS3Access, kS3Secret}) {
      try {
        if (secret_from(environment, name).value_or("").empty())
          faults.push_back(std::string(name) + " is not set; storage.blobs.engine s3 needs it.");
      } catch (const std::exception& error) {
        faults.push_back(std::string(name) + "_FILE: " + error.what() + ".");
      }
    }
  }
  if (profile.mail_in.webhook && readable(kMailIn) && weak(value.value_or(""))) {
    const bool absent = value.value_or("").empty();
    if (!absent || profile.mail_in.webhook_key.empty())
      faults.push_back(std::string(kMailIn) + (absent ? " is not set" : " is too weak") +
                       "; mail_in.webhook needs it, or mail_in.webhook_key: at least 32 random "
                       "characters, e.g. from: openssl rand -hex 32.");
  }
  if (profile.production()) {
    const auto& mail = profile.mail_in.listen;
    if (!mail.empty() && !mail.starts_with("127.") && !mail.starts_with("unix:")) {
      faults.push_back(
          "mail_in.listen faces the network, and speaks no TLS; bind to 127.0.0.1 or unix:/path "
          "behind a mail server such as Postfix.");
    }
    for (const auto& [key, url] : {std::pair{"endpoint", profile.blobs.endpoint},
                                   std::pair{"public_endpoint", profile.blobs.public_endpoint}}) {
      if (profile.blobs.engine == "s3" && url.starts_with("http://") && !on_this_machine(url)) {
        faults.push_back(std::string("storage.blobs.") + key +
                         " must be https in production: files would travel in the clear.");
      }
    }
    const bool loopback =
        profile.listen.address.starts_with("127.") || profile.listen.address.starts_with("unix:");
    if (!loopback && profile.listen.certificate.empty()) {
      faults.push_back(
          "listen.address faces the network without TLS; bind to 127.0.0.1 behind a proxy, or set "
          "listen.certificate and listen.private_key.");
    }
    if (profile.frontend_url.starts_with("http://")) {
      faults.push_back(
          "auth.frontend_url must be https in production: links in invitations and password resets "
          "carry tokens.");
    }
    if (profile.developer_mode) {
      faults.push_back(
          "developer_mode must be false in production: unsigned plugins could run inside of the "
          "host; sign them, or give them placement: isolated.");
    }
    if (profile.allow_private_addresses) {
      faults.push_back(
          "outbound.allow_private_addresses must be false in production: plugins could reach "
          "internal services.");
    }
  }
  return faults;
}

PostgresKeys load_postgres_keys(const Environment& environment) {
  PostgresKeys keys{secret_from(environment, kPostgres).value_or(""),
                    secret_from(environment, kPostgresOwner).value_or("")};
  if (keys.application.empty()) throw std::runtime_error(std::string(kPostgres) + " is not set");
  return keys;
}

std::string given_admin_token(const Environment& environment) {
  return secret_from(environment, kAdmin).value_or("");
}

std::string load_admin_token(const Profile& profile, const Environment& environment) {
  auto token = given_admin_token(environment);
  if (!token.empty()) return token;
  const auto looked = std::string(kAdmin) + ", nor in a file that " + kAdmin + "_FILE names";
  // Production keeps none; one that lies there was development's.
  if (profile.production())
    throw std::runtime_error("there is no administrator's token in " + looked);
  const auto path = place_of(profile, kAdminFile);
  std::error_code unknown;  // one that may not be looked at is told as one that cannot be read
  const auto type = std::filesystem::status(path, unknown).type();
  if (type != std::filesystem::file_type::not_found) token = read_file(path);
  if (token.empty())
    throw std::runtime_error("there is no administrator's token in " + looked + ", nor in " +
                             path.string());
  return token;
}

Keys load_keys(const Profile& profile, const Environment& environment) {
  const auto key = [&](const char* name, const char* file) {
    if (auto value = secret_from(environment, name)) return *value;
    if (profile.production()) throw std::runtime_error(std::string(name) + " is not set");
    return kept(profile, file);
  };
  Keys keys{key(kMaster, "master"), key(kJwt, "jwt"), key(kAdmin, kAdminFile)};
  if (!profile.redis_address.empty())
    keys.redis_password = secret_from(environment, kRedis).value_or("");
  if (profile.storage_engine == "postgres") {
    keys.postgres = secret_from(environment, kPostgres).value_or("");
    keys.postgres_owner = secret_from(environment, kPostgresOwner).value_or("");
    for (const auto& name : profile.replicas) {
      keys.replicas.push_back(secret_from(environment, name).value_or(""));
      if (keys.replicas.back().empty()) throw std::runtime_error(name + " is not set");
    }
    if (keys.postgres.empty()) throw std::runtime_error(std::string(kPostgres) + " is not set");
  }
  if (profile.blobs.engine == "s3") {
    keys.s3_access = secret_from(environment, kS3Access).value_or("");
    keys.s3_secret = secret_from(environment, kS3Secret).value_or("");
    if (keys.s3_access.empty()) throw std::runtime_error(std::string(kS3Access) + " is not set");
    if (keys.s3_secret.empty()) throw std::runtime_error(std::string(kS3Secret) + " is not set");
  }
  if (profile.mail_in.webhook) keys.mail_in = secret_from(environment, kMailIn).value_or("");
  return keys;
}

}  // namespace host::config
