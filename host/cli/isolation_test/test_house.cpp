#include "cli/isolation_test/test_house.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "auth/jwt.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "cli/profile_options.hpp"
#include "observe/log.hpp"
#include "plugins/library.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/roles.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli::isolation_test {
namespace {

namespace fs = std::filesystem;
using tenancy::TokenMint;

constexpr const char* kNothing = "isolation-nothing";  // a role without any permission

fs::path plugins_of(const config::Profile& profile) {
  return profile.plugin_directory.empty() ? executable_directory() / "../lib/serai/plugins"
                                          : profile.plugin_directory;
}

// The profile's files, and those that were named, in one folder.
void gather_plugins(config::Profile& profile, const std::vector<fs::path>& more,
                    const fs::path& folder) {
  fs::create_directory(folder);
  for (const auto& choice : profile.plugins)
    for (const auto* ending : {".so", ".seraiplugin"})
      if (const auto file = plugins_of(profile) / (choice.id + ending); fs::exists(file))
        fs::copy_file(file, folder / file.filename());
  for (const auto& file : more) {
    const auto parsed = plugins::read_manifest(file);
    if (!parsed.faults.empty()) throw std::runtime_error(parsed.faults.front());
    const auto& id = parsed.manifest.id;
    fs::copy_file(file, folder / (id + file.extension().string()),
                  fs::copy_options::overwrite_existing);
    profile.developer_mode = true;  // it is the author's own build
    if (std::none_of(profile.plugins.begin(), profile.plugins.end(),
                     [&](const auto& choice) { return choice.id == id; })) {
      config::PluginChoice choice;
      choice.id = id;
      profile.plugins.push_back(std::move(choice));
    }
  }
  profile.plugin_trust = trust_store_of(profile);
  profile.plugin_directory = folder;
}

void settle_keys(config::Profile& profile, const Signer& signer) {
  for (auto& choice : profile.plugins)
    for (const auto* ending : {".so", ".seraiplugin"})
      if (const auto file = profile.plugin_directory / (choice.id + ending); fs::exists(file))
        signer.settle(choice, file);
}

void make_harmless(config::Profile& profile, const fs::path& data) {
  profile.data = data;
  profile.listen = {};
  profile.listen.address = "127.0.0.1:0";
  profile.listen.threads = 1;
  profile.management = "127.0.0.1:0";
  profile.storage_engine = "sqlite";
  profile.replicas.clear();
  profile.redis_address.clear();
  profile.blobs = {};
  profile.mail_in = {};
  const config::Rate generous{1'000'000'000};
  profile.login = profile.reset = profile.refresh = generous;
  profile.per_tenant = profile.per_user = generous;
  profile.worker_threads = std::min(profile.worker_threads, 4U);
  profile.access_token = std::chrono::hours(12);
  profile.limits.shutdown_time = std::chrono::seconds(20);
}

// By a connection alone, before a store makes its own tables: a database that serves somebody stays
// as it is.
void refuse_used_database(const config::PostgresKeys& postgres) {
  storage::postgres::ConnectionOptions options;
  options.connection = postgres.application;
  options.role = storage::postgres::kPlatformRole;
  options.search_path = storage::postgres::kPlatformPath;
  storage::postgres::Connection connection(options);
  const storage::postgres::Message tables{
      "SELECT tablename FROM pg_catalog.pg_tables WHERE tablename = 'tenancy_tenants'",
      nullptr,
      {}};
  const auto outcome = connection.run(std::span(&tables, 1), {.rows = 1});
  if (outcome.failure) throw std::runtime_error(outcome.failure->message);
  if (outcome.data->rows > 0)
    throw std::runtime_error(
        "a host has used this database; the isolation test needs one of its own, fresh from "
        "packaging/postgres/setup.sql");
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

LogFile::LogFile(const fs::path& file) {
  observe::flush();
  saved_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (saved_ < 0 || descriptor_ < 0 || ::dup2(descriptor_, STDERR_FILENO) < 0)
    throw std::system_error(errno, std::generic_category(), file.string());
}

LogFile::~LogFile() {
  observe::flush();
  ::dup2(saved_, STDERR_FILENO);
  ::close(saved_);
  ::close(descriptor_);
}

std::string LogFile::read_new() {
  observe::flush();
  std::string text = std::move(part_);
  std::string piece(64 * 1024, '\0');
  for (ssize_t got; (got = ::pread(descriptor_, piece.data(), piece.size(), at_)) > 0; at_ += got)
    text.append(piece, 0, static_cast<std::size_t>(got));
  const auto end = text.rfind('\n') + 1;
  part_ = text.substr(end);
  text.resize(end);
  return text;
}

TestHouse::TestHouse(config::Profile profile, const std::vector<fs::path>& more,
                     const std::optional<config::PostgresKeys>& postgres)
    : plugins_(folder_.path() / "plugins") {
  try {
    keys_ = {random_token(32), random_token(32), random_token(32)};
    make_harmless(profile, data());
    if (postgres) {
      profile.storage_engine = "postgres";
      keys_.postgres = postgres->application;
      keys_.postgres_owner = postgres->owner;
      refuse_used_database(*postgres);
    }
    gather_plugins(profile, more, plugins_);
    settle_keys(profile, signer_);
    outside_.settle(profile);
    log_ = std::make_unique<LogFile>(folder_.path() / "serai.log");
    observe::set_level(observe::Level::debug);
    house_ = std::make_unique<House>(std::move(profile), keys_);
    plugins::put_in_place(*rooms().registry, outside_.stand_ins());
    house_->start();
    rooms().queue->stop(std::chrono::seconds(20));  // from here on settle() runs the jobs
    for (const auto& plugin : rooms().registry->list())
      if (plugin.state != plugins::State::running)
        throw std::runtime_error("plugin " + plugin.id + ": " + plugin.reason);
    books_ = postgres ? postgres_books(*rooms().store,
                                       [this](const std::string& tenant) { return token(tenant); })
                      : sqlite_books(data());
    door_ = std::make_unique<Door>(house_->service(), signer_);
  } catch (...) {
    house_.reset();
    log_.reset();
    throw;
  }
}

TestHouse::~TestHouse() {
  try {
    house_->stop();
  } catch (const std::exception&) {  // the folder goes all the same
  }
  house_.reset();
  log_.reset();
}

CallToken TestHouse::token(const std::string& tenant) const {
  return TokenMint::for_tenant_administration(Rooms::operator_token(), tenant);
}

Actor TestHouse::platform() const {
  Actor actor{"platform", Actor::Kind::platform, {}, {}, {}, {}, keys_.admin_token, false};
  return actor;
}

std::unique_ptr<Side> TestHouse::make_side(const std::string& label, Random& random) {
  std::string id = "t";
  for (int i = 0; i < 15; ++i) id += static_cast<char>('a' + random() % 26);
  auto side = std::make_unique<Side>(label, id, random);
  tenancy::Tenant tenant;
  tenant.id = id;
  tenant.name = "House " + side->marks.next();
  tenant.timezone = "UTC";
  tenant.currency = "USD";
  tenant.plan = "premium";
  tenant.settings = {{"company", {{"support_email", side->marks.next() + "@example.com"}}}};
  tenant.plugins = Json::object();
  rooms().tenants->create(Rooms::operator_token(), tenant);
  rooms().auth->roles().define(token(id), kNothing, {});
  for (const auto* role : {"owner", "admin", "consultant", kNothing})
    side->actors.push_back(make_person(*side, role));
  side->actors.back().name = "nothing";
  side->actors.back().permitted_nothing = true;
  add_untrusted(*side);
  if (outside_.is_asked()) {
    side->provider_key = "key-" + side->marks.next();
    rooms().secrets->put(token(id).through(Outside::kGateway), Outside::kKey, side->provider_key);
  }
  return side;
}

void TestHouse::add_untrusted(Side& side) {
  Actor key = side.owner();
  key.name = "api-key";
  key.kind = Actor::Kind::key;
  Ask ask{"GET", "/api/v1/permissions"};
  ask.headers = {{"Authorization", side.owner().authorization}};
  const auto permissions = Json::parse(door_->send(ask).body).at("data");
  ask.method = "POST";
  ask.path = "/api/v1/api-keys";
  ask.body = Json{{"name", side.marks.next()}, {"scopes", permissions}}.dump();
  ask.content_type = "application/json";
  const auto answer = door_->send(ask);
  if (!answer.good()) throw std::runtime_error("no API key could be made: " + answer.body);
  key.authorization = "Bearer " + Json::parse(answer.body).at("data").at("key").get<std::string>();
  side.actors.push_back(key);

  side.actors.push_back({"nobody", Actor::Kind::nobody, {}, {}, {}, {}, {}, false});
  // What the host itself would sign, an hour too old; and what somebody else signs.
  auth::JwtClaims claims;
  claims.subject = side.owner().user;
  claims.tenant = side.id;
  claims.id = uuid_v7();
  claims.session = uuid_v7();
  claims.issued_at = claims.not_before = 1'700'000'000;
  claims.expires_at = 1'700'000'900;
  const auth::JwtCodec own({auth::hs256_key(keys_.jwt)}, "serai", "serai");
  side.actors.push_back(
      {"expired", Actor::Kind::expired, {}, {}, {}, "Bearer " + own.sign(claims), {}, false});
  claims.expires_at = 4'000'000'000;
  const auth::JwtCodec foreign({auth::hs256_key(random_token(32))}, "serai", "serai");
  side.actors.push_back(
      {"forged", Actor::Kind::forged, {}, {}, {}, "Bearer " + foreign.sign(claims), {}, false});
  Actor revoked = make_person(side, "owner");
  revoked.name = "revoked";
  revoked.kind = Actor::Kind::revoked;
  rooms().auth->sessions().revoke_all(side.id, revoked.user, "isolation test");
  side.actors.push_back(revoked);
}

Actor TestHouse::make_person(Side& side, const std::string& role, const std::string& password) {
  Actor actor{role, Actor::Kind::person, {}, side.marks.next() + "@example.com", role, {}, {},
              false};
  const auto user =
      rooms().auth->team().create(token(side.id), actor.email, "Person " + side.marks.next(), role,
                                  password.empty() ? "Pw-" + random_token(32) : password);
  actor.user = user.id;
  side.marks.own(user.id);
  renew(side, actor);
  return actor;
}

void TestHouse::renew(Side& side, Actor& actor) {
  if (actor.kind == Actor::Kind::key) {
    Actor fresh = make_person(side, "owner");  // the key went with its maker; act as a person
    actor.authorization = fresh.authorization;
    actor.user = fresh.user;
    return;
  }
  auth::User user;
  try {
    user = rooms().auth->team().user(token(side.id), actor.user);
  } catch (const Problem&) {
  }
  if (user.id.empty() || !user.active) {
    const auto name = actor.name;
    actor = make_person(side, actor.role);
    actor.name = name;
    actor.permitted_nothing = actor.role == kNothing;
    return;
  }
  const auto tokens =
      rooms().auth->sessions().open(user, {"192.0.2.1", "isolation-test", uuid_v7()});
  actor.authorization = "Bearer " + tokens.access;
  side.marks.own(tokens.session);
}

bool TestHouse::may_nothing(const Side& side, const Actor& actor) {
  try {
    auto& auth = *rooms().auth;
    const auto role = auth.team().user(token(side.id), actor.user).role;
    return auth.roles().permissions_of(side.id, role)->empty();
  } catch (const Problem&) {
    return true;
  }
}

bool TestHouse::settle(const Side& side) {
  return rooms().queue->drain(token(side.id),
                              std::chrono::steady_clock::now() + std::chrono::seconds(60));
}

std::string TestHouse::mailed_token(const Side& side, const std::string& address) const {
  std::vector<fs::path> mails;
  const auto folder = data() / "outbox" / side.id;
  if (!fs::exists(folder)) return {};
  for (const auto& entry : fs::directory_iterator(folder)) mails.push_back(entry.path());
  std::sort(mails.begin(), mails.end());
  for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) {
    const auto text = text_of(*mail);
    if (text.find(address) == text.npos) continue;
    const auto at = text.find("token=");
    if (at == text.npos) continue;
    return text.substr(at + 6, text.find_first_of(" \r\n\"&", at) - at - 6);
  }
  return {};
}

}  // namespace host::cli::isolation_test
