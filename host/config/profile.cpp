// The strict reader of profile files: a table of keys per section; whatever is not in a table is a
// fault with its line.
#include "config/profile.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "base/yaml_documents.hpp"

namespace host::config {
namespace {

using Json = nlohmann::json;

// Scalars of YAML's core schema as JSON; quoted scalars stay text.
Json to_json(const YAML::Node& node, int depth = 0) {
  if (depth > 32) throw YAML::RepresentationException(node.Mark(), "nested too deeply");
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      Json object = Json::object();
      for (const auto& item : node)
        object[item.first.as<std::string>()] = to_json(item.second, depth + 1);
      return object;
    }
    case YAML::NodeType::Sequence: {
      Json array = Json::array();
      for (const auto& item : node) array.push_back(to_json(item, depth + 1));
      return array;
    }
    case YAML::NodeType::Scalar: {
      if (node.Tag() != "!") {
        bool flag;
        std::int64_t integer;
        double real;
        if (YAML::convert<bool>::decode(node, flag)) return flag;
        if (YAML::convert<std::int64_t>::decode(node, integer)) return integer;
        if (YAML::convert<double>::decode(node, real)) return real;
      }
      return node.Scalar();
    }
    default:
      return nullptr;
  }
}

class Reader {
 public:
  Reader(std::string_view file, std::vector<std::string>& faults) : file_(file), faults_(faults) {}

  using Field = std::function<void(const YAML::Node&, const std::string& path)>;
  using Fields = std::vector<std::pair<std::string, Field>>;

  void section(const YAML::Node& node, const std::string& path, const Fields& fields) {
    if (!node.IsMap()) return fault(node, path, "must be a mapping of keys to values");
    std::set<std::string> seen;
    for (const auto& item : node) {
      const std::string key = item.first.Scalar();
      const std::string full = path.empty() ? key : path + "." + key;
      if (!seen.insert(key).second) {
        fault(item.first, full, "stands here twice; keep one");
        continue;
      }
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == key; });
      if (field == fields.end()) {
        std::string known;
        for (const auto& f : fields) known += (known.empty() ? "" : ", ") + f.first;
        fault(item.first, full, "is not a known key; known here: " + known);
        continue;
      }
      field->second(item.second, full);
    }
  }

  Field text(std::string& out) {
    return [this, &out](const YAML::Node& node, const std::string& path) {
      if (!node.IsScalar()) return fault(node, path, "must be text");
      out = node.Scalar();
    };
  }
  Field one_of(std::string& out, std::vector<std::string> allowed) {
    return [this, &out, allowed = std::move(allowed)](const YAML::Node& node,
                                                      const std::string& path) {
      if (node.IsScalar() &&
          std::find(allowed.begin(), allowed.end(), node.Scalar()) != allowed.end()) {
        out = node.Scalar();
        return;
      }
      std::string list;
      for (const auto& value : allowed) list += (list.empty() ? "" : ", ") + value;
      fault(node, path, "must be one of: " + list);
    };
  }
  Field flag(bool& out) {
    return [this, &out](const YAML::Node& node, const std::string& path) {
      if (!node.IsScalar() || !YAML::convert<bool>::decode(node, out))
        fault(node, path, "must be true or false");
    };
  }
  template <class Number>
  Field number(Number& out, std::uint64_t least, std::uint64_t most) {
    return [this, &out, least, most](const YAML::Node& node, const std::string& path) {
      std::uint64_t value = 0;
      if (!node.IsScalar() || !YAML::convert<std::uint64_t>::decode(node, value) || value < least ||
          value > most) {
        return fault(
            node, path,
            "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
      }
      out = static_cast<Number>(value);
    };
  }
  Field size(std::uint64_t& out) {
    return [this, &out](const YAML::Node& node, const std::string& path) {
      const auto value = node.IsScalar() ? parse_size(node.Scalar()) : std::nullopt;
      if (!value) return fault(node, path, "must be a size such as 512 B, 32 KiB, 10 MiB or 1 GiB");
      out = *value;
    };
  }
  template <class Duration>
  Field duration(Duration& out) {
    return [this, &out](const YAML::Node& node, const std::string& path) {
      const auto value = node.IsScalar() ? parse_duration(node.Scalar()) : std::nullopt;
      if (!value)
        return fault(node, path, "must be a duration such as 500 ms, 30 s, 15 min, 1 h or 30 d");
      out = std::chrono::duration_cast<Duration>(*value);
    };
  }
  Field rate(Rate& out) {
    return [this, &out](const YAML::Node& node, const std::string& path) {
      const auto value = node.IsScalar() ? parse_rate(node.Scalar()) : std::nullopt;
      if (!value) return fault(node, path, "must be a rate such as 5/min, 100/s or 1000/h");
      out = *value;
    };
  }
  Field list(std::vector<std::string>& out) {
    return [this, &out](const YAML::Node& node, const std::string& path) {
      if (!node.IsSequence()) return fault(node, path, "must be a list");
      out.clear();
      for (const auto& item : node) {
        if (!item.IsScalar()) return fault(item, path, "must be a list of texts");
        out.push_back(item.Scalar());
      }
    };
  }
  Field nested(Fields fields) {
    return [this, fields = std::move(fields)](const YAML::Node& node, const std::string& path) {
      section(node, path, fields);
    };
  }

  void fault(const YAML::Node& node, const std::string& path, const std::string& sentence) {
    faults_.push_back(std::string(file_) + ":" + std::to_string(node.Mark().line + 1) + ": " +
                      path + " " + sentence + ".");
  }

 private:
  std::string_view file_;
  std::vector<std::string>& faults_;
};

bool valid_plugin_id(std::string_view id) {
  if (id.size() < 2 || id.size() > 40 || id[0] < 'a' || id[0] > 'z') return false;
  return id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

void read_quotas(Reader& reader, const YAML::Node& node, const std::string& path,
                 std::vector<PluginQuota>& quotas) {
  if (!node.IsSequence())
    return reader.fault(node, path, "must be a list of quotas, each with unit, limit and per");
  for (std::size_t i = 0; i < node.size(); ++i) {
    PluginQuota quota;
    const std::string at = path + "[" + std::to_string(i) + "]";
    bool limited = false;
    const auto limit = reader.number(quota.limit, 0, 1'000'000'000'000'000'000);
    reader.section(node[i], at,
                   {{"unit", reader.text(quota.unit)},
                    {"limit",
                     [&](const YAML::Node& number, const std::string& where) {
                       limited = true;
                       limit(number, where);
                     }},
                    {"per", reader.one_of(quota.per, {"hour", "day", "month"})}});
    if (quota.unit.empty() || !limited)
      reader.fault(node[i], at, "needs a unit, such as calls, and a limit");
    quotas.push_back(std::move(quota));
  }
}

void read_plugins(Reader& reader, const YAML::Node& node, const std::string& path,
                  Profile& profile) {
  if (!node.IsSequence())
    return reader.fault(node, path, "must be a list of plugins, each with an id");
  for (std::size_t i = 0; i < node.size(); ++i) {
    PluginChoice choice;
    const std::string at = path + "[" + std::to_string(i) + "]";
    reader.section(
        node[i], at,
        {{"id", reader.text(choice.id)},
         {"for_all_tenants", reader.flag(choice.for_all_tenants)},
         {"denied_interfaces", reader.list(choice.denied_interfaces)},
         {"denied_hosts", reader.list(choice.denied_hosts)},
         {"quotas",
          [&](const YAML::Node& quotas, const std::string& where) {
            read_quotas(reader, quotas, where, choice.quotas);
          }},
         {"placement", reader.one_of(choice.placement, {"in-process", "isolated"})},
         {"isolation",
          reader.nested({{"processes", reader.one_of(choice.processes, {"shared", "per-tenant"})},
                         {"memory", reader.size(choice.memory)},
                         {"calls", reader.number(choice.calls, 1, 64)},
                         {"max_failures", reader.number(choice.max_failures, 1, 1000)},
                         {"max_processes", reader.number(choice.max_processes, 1, 10'000)}})},
         {"settings", [&](const YAML::Node& settings, const std::string& where) {
            if (!settings.IsMap()) return reader.fault(settings, where, "must be a mapping");
            choice.settings = to_json(settings).dump();
          }}});
    if (!valid_plugin_id(choice.id)) {
      reader.fault(node[i], at + ".id", "must be a plugin's id such as helpdesk or inbound-email");
    } else if (std::any_of(profile.plugins.begin(), profile.plugins.end(),
                           [&](const auto& other) { return other.id == choice.id; })) {
      reader.fault(node[i], at + ".id", "names " + choice.id + " a second time; keep one");
    } else {
      profile.plugins.push_back(std::move(choice));
    }
  }
}

void read(Reader& reader, const YAML::Node& root, Profile& p) {
  auto& limits = p.limits;
  const auto nested = [&](Reader::Fields fields) { return reader.nested(std::move(fields)); };
  std::string data = p.data.string(), directory, trust;
  reader.section(
      root, "",
      {{"profile", reader.text(p.name)},
       {"environment", reader.one_of(p.environment, {"development", "production"})},
       {"developer_mode", reader.flag(p.developer_mode)},
       {"data", reader.text(data)},
       {"listen", nested({{"address", reader.text(p.listen.address)},
                          {"url", reader.text(p.listen.url)},
                          {"adapter", reader.one_of(p.listen.adapter, {"pistache", "asio"})},
                          {"threads", reader.number(p.listen.threads, 1, 64)},
                          {"certificate", reader.text(p.listen.certificate)},
                          {"private_key", reader.text(p.listen.private_key)}})},
       {"management", nested({{"address", reader.text(p.management)}})},
       {"proxy", nested({{"trusted", reader.list(p.trusted_proxies)}})},
       {"log",
        nested({{"level", reader.one_of(p.log_level, {"debug", "info", "warning", "error"})}})},
       {"limits",
        nested({{"request_line", reader.size(limits.request_line)},
                {"header_bytes", reader.size(limits.header_bytes)},
                {"header_count", reader.number(limits.header_count, 10, 10'000)},
                {"body", reader.size(limits.body)},
                {"connections", reader.number(limits.connections, 1, 1'000'000)},
                {"connections_per_address",
                 reader.number(limits.connections_per_address, 0, 1'000'000)},
                {"streams_per_user", reader.number(limits.streams_per_user, 0, 1'000'000)},
                {"streams_per_tenant", reader.number(limits.streams_per_tenant, 0, 1'000'000)},
                {"header_time", reader.duration(limits.header_time)},
                {"body_time", reader.duration(limits.body_time)},
                {"idle_time", reader.duration(limits.idle_time)},
                {"write_time", reader.duration(limits.write_time)},
                {"handler_time", reader.duration(limits.handler_time)},
                {"overdue_time", reader.duration(limits.overdue_time)},
                {"shutdown_time", reader.duration(limits.shutdown_time)},
                {"drain_time", reader.duration(limits.drain_time)}})},
       {"workers", nested({{"threads", reader.number(p.worker_threads, 1, 256)},
                           {"queue", reader.number(p.worker_queue, 1, 1'000'000)},
                           {"blocking_threads", reader.number(p.blocking_threads, 1, 256)}})},
       {"cors", nested({{"origins", reader.list(p.cors_origins)}})},
       {"storage",
        nested({{"engine", reader.one_of(p.storage_engine, {"sqlite", "postgres"})},
                {"connections", reader.number(p.database_connections, 3, 1000)},
                {"postgres", nested({{"replicas", reader.list(p.replicas)},
                                     {"max_staleness", reader.duration(p.max_staleness)}})},
                {"open_tenants", reader.number(p.open_tenants, 1, 10'000)},
                {"cache", reader.size(p.cache_bytes)},
                {"vectors", reader.size(p.vector_bytes)},
                {"blobs",
                 nested({{"engine", reader.one_of(p.blobs.engine, {"files", "s3"})},
                         {"endpoint", reader.text(p.blobs.endpoint)},
                         {"public_endpoint", reader.text(p.blobs.public_endpoint)},
                         {"region", reader.text(p.blobs.region)},
                         {"bucket", reader.text(p.blobs.bucket)},
                         {"prefix", reader.text(p.blobs.prefix)},
                         {"addressing", reader.one_of(p.blobs.addressing, {"path", "host"})},
                         {"downloads", reader.one_of(p.blobs.downloads, {"proxied", "presigned"})},
                         {"link_life", reader.duration(p.blobs.link_life)},
                         {"part_size", reader.size(p.blobs.part_size)},
                         {"connect_time", reader.duration(p.blobs.connect_time)},
                         {"request_time", reader.duration(p.blobs.request_time)},
                         {"total_time", reader.duration(p.blobs.total_time)}})}})},
       {"redis", nested({{"address", reader.text(p.redis_address)},
                         {"user", reader.text(p.redis_user)},
                         {"prefix", reader.text(p.redis_prefix)}})},
       {"auth", nested({{"access_token", reader.duration(p.access_token)},
                        {"refresh_token", reader.duration(p.refresh_token)},
                        {"refresh_grace", reader.duration(p.refresh_grace)},
                        {"frontend_url", reader.text(p.frontend_url)}})},
       {"rate_limits", nested({{"login", reader.rate(p.login)},
                               {"reset", reader.rate(p.reset)},
                               {"refresh", reader.rate(p.refresh)},
                               {"tenant", reader.rate(p.per_tenant)},
                               {"user", reader.rate(p.per_user)}})},
       {"mail_in", nested({{"listen", reader.text(p.mail_in.listen)},
                           {"protocol", reader.one_of(p.mail_in.protocol, {"lmtp", "smtp"})},
                           {"domains", reader.list(p.mail_in.domains)},
                           {"strategies", reader.list(p.mail_in.strategies)},
                           {"unknown", reader.one_of(p.mail_in.unknown, {"keep", "refuse"})},
                           {"message_size", reader.size(p.mail_in.message_size)},
                           {"connections", reader.number(p.mail_in.connections, 1, 1000)},
                           {"inbox_messages", reader.number(p.mail_in.inbox_messages, 0, 100'000)},
                           {"inbox_size", reader.size(p.mail_in.inbox_size)},
                           {"webhook", reader.flag(p.mail_in.webhook)},
                           {"webhook_key", reader.text(p.mail_in.webhook_key)}})},
       {"jobs", nested({{"workers", reader.number(p.job_workers, 1, 64)},
                        {"lease", reader.duration(p.job_lease)}})},
       {"plugins",
        nested(
            {{"directory", reader.text(directory)},
             {"trust", reader.text(trust)},
             {"enabled", [&](const YAML::Node& node,
                             const std::string& path) { read_plugins(reader, node, path, p); }}})},
       {"outbound", nested({{"allow_private_addresses", reader.flag(p.allow_private_addresses)},
                            {"authorities", reader.text(p.outbound_authorities)}})}});
  p.data = data;
  p.plugin_directory = directory;
  p.plugin_trust = trust;
}

bool is_endpoint(const std::string& url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const auto rest = std::string_view(url).substr(scheme.size());
    return !rest.empty() && rest.find_first_of("/?#@ ") == std::string_view::npos;
  }
  return false;
}

bool only_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

void check_blobs(const BlobStore& blobs,
                 const std::function<void(const std::string& sentence)>& fault) {
  static constexpr std::string_view kWords = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (blobs.engine != "s3") return;
  if (!is_endpoint(blobs.endpoint))
    fault(
        "storage.blobs.endpoint must be http(s)://host or host:port without a path, such as "
        "https://s3.eu-central-1.amazonaws.com.");
  if (!blobs.public_endpoint.empty() && !is_endpoint(blobs.public_endpoint))
    fault("storage.blobs.public_endpoint must be empty or like storage.blobs.endpoint.");
  if (blobs.bucket.size() < 3 || blobs.bucket.size() > 63 ||
      !only_of(blobs.bucket, std::string(kWords) + "._"))
    fault("storage.blobs.bucket must be a bucket's name: 3 to 63 of a-z, 0-9, '.', '-' and '_'.");
  if (blobs.region.empty() || !only_of(blobs.region, kWords))
    fault("storage.blobs.region must be a word such as eu-central-1; auto for Google.");
  if (blobs.prefix.empty() || blobs.prefix.size() > 200 ||
      !only_of(blobs.prefix, std::string(kWords) + "_/") || blobs.prefix.front() == '/' ||
      blobs.prefix.back() == '/' || blobs.prefix.find("//") != std::string::npos)
    fault(
        "storage.blobs.prefix must be of lower-case letters, digits, - and _, with single / "
        "between.");
  if (blobs.part_size < 5 << 20 || blobs.part_size > 64 << 20)
    fault("storage.blobs.part_size must be from 5 MiB, S3's least, to 64 MiB.");
  if (blobs.link_life < std::chrono::seconds(1) || blobs.link_life > std::chrono::hours(1))
    fault("storage.blobs.link_life must be from 1 s to 1 h.");
  for (const auto& [key, time] :
       {std::pair{"connect_time", blobs.connect_time},
        std::pair{"request_time", blobs.request_time}, std::pair{"total_time", blobs.total_time}}) {
    if (time < std::chrono::milliseconds(100) || time > std::chrono::minutes(10))
      fault(std::string("storage.blobs.") + key + " must be from 100 ms to 10 min.");
  }
}

void check_replicas(const Profile& profile,
                    const std::function<void(const std::string& sentence)>& fault) {
  static constexpr std::string_view kName = "SERAI_POSTGRES_";
  for (std::size_t i = 0; i < profile.replicas.size(); ++i) {
    const auto& name = profile.replicas[i];
    if (!name.starts_with(kName) || name.size() == kName.size() || name == "SERAI_POSTGRES_OWNER" ||
        name.ends_with("_FILE") || !only_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
      fault("storage.postgres.replicas names variables of the environment that hold connections, " +
            std::string("such as SERAI_POSTGRES_REPLICA_1; ") + name + " is no such name.");
    if (std::find(profile.replicas.begin(), profile.replicas.begin() + static_cast<long>(i),
                  name) != profile.replicas.begin() + static_cast<long>(i))
      fault("storage.postgres.replicas names " + name + " a second time; keep one.");
  }
  if (!profile.replicas.empty() && profile.storage_engine != "postgres")
    fault("storage.postgres.replicas needs storage.engine: postgres.");
  if (profile.max_staleness < std::chrono::milliseconds(200) ||
      profile.max_staleness > std::chrono::hours(1))
    fault("storage.postgres.max_staleness must be from 200 ms to 1 h.");
}

// "mail.example.com"; lower case, as it is compared.
bool is_domain(const std::string& name) {
  return name.size() <= 253 && name.find('.') != std::string::npos &&
         only_of(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") && name.front() != '.' &&
         name.front() != '-' && name.back() != '.' && name.back() != '-' &&
         name.find("..") == std::string::npos;
}

template <class Values>
void check_once(const Values& values, const std::string& key,
                const std::function<void(const std::string& sentence)>& fault) {
  for (auto value = values.begin(); value != values.end(); ++value)
    if (std::find(values.begin(), value, *value) != value)
      fault(key + " names " + *value + " a second time; keep one.");
}

void check_mail_in(const MailIn& mail,
                   const std::function<void(const std::string& sentence)>& fault) {
  static const std::set<std::string> kStrategies{"address", "local_part", "plus", "header",
                                                 "subject"};
  for (const auto& domain : mail.domains)
    if (!is_domain(domain))
      fault("mail_in.domains: " + (domain.empty() ? "an empty text" : domain) +
            " is no domain; write it in small letters, such as mail.example.com.");
  check_once(mail.domains, "mail_in.domains", fault);
  for (const auto& strategy : mail.strategies)
    if (!kStrategies.contains(strategy))
      fault("mail_in.strategies: " + strategy +
            " is none; known are address, local_part, plus, and header and subject, which anybody "
            "who writes a mail can forge.");
  check_once(mail.strategies, "mail_in.strategies", fault);
  if (mail.message_size < 64 << 10 || mail.message_size > 100 << 20)
    fault("mail_in.message_size must be from 64 KiB to 100 MiB.");
  if (mail.inbox_size > 64ULL << 30) fault("mail_in.inbox_size must be at most 64 GiB.");
  if (!mail.webhook_key.empty() && !mail.webhook)
    fault(
        "mail_in.webhook_key is for what providers post; set mail_in.webhook: true or remove it.");
  if (mail.protocol == "lmtp" && mail.listen.ends_with(":25"))
    fault("mail_in.listen: LMTP must not be spoken on port 25; take another, or protocol: smtp.");
}

void cross_check(Profile& p, std::string_view name, std::vector<std::string>& faults) {
  const auto fault = [&](const std::string& sentence) {
    faults.push_back(std::string(name) + ": " + sentence);
  };
  const bool is_unix = p.listen.address.starts_with("unix:");
  const bool tls = !p.listen.certificate.empty() || !p.listen.private_key.empty();
  if (p.listen.certificate.empty() != p.listen.private_key.empty()) {
    fault("listen.certificate and listen.private_key belong together; give both or neither.");
  }
  if (!p.listen.url.empty() && !is_endpoint(p.listen.url)) {
    fault("listen.url is " + p.listen.url + "; write it like https://api.example.com.");
  }
  if (p.listen.adapter == "pistache" && (is_unix || tls)) {
    fault("listen.adapter pistache serves plain TCP only; use asio for a Unix socket or TLS.");
  }
  for (const auto& [key, address] :
       {std::pair{"listen.address", p.listen.address},
        std::pair{"management.address", p.management}, std::pair{"redis.address", p.redis_address},
        std::pair{"mail_in.listen", p.mail_in.listen}}) {
    if (address.starts_with("unix:")) continue;
    const std::string_view where(key);
    if (address.empty() && (where == "redis.address" || where == "mail_in.listen")) continue;
    const auto colon = address.rfind(':');
    unsigned port = 70'000;
    if (colon != std::string::npos) {
      std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    }
    if (colon == 0 || port > 65'535)
      fault(std::string(key) + " must be host:port, such as 127.0.0.1:8080.");
  }
  if (p.redis_prefix.empty() || p.redis_prefix.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    fault("redis.prefix must be of lower-case letters, digits, - and _.");
  check_blobs(p.blobs, fault);
  check_replicas(p, fault);
  check_mail_in(p.mail_in, fault);
  for (const auto& origin : p.cors_origins) {
    if (origin == "*")
      fault("cors.origins cannot be *: answers carry credentials; list each origin.");
  }
}

}  // namespace

Loaded parse_profile(std::string_view yaml, std::string_view name) {
  Loaded loaded;
  Reader reader(name, loaded.faults);
  try {
    if (const auto documents = yaml_documents(yaml); documents.count > 1)
      loaded.faults.push_back(std::string(name) + ":" + std::to_string(documents.line) +
                              ": a second YAML document begins here and would be ignored; make it "
                              "one document.");
    read(reader, YAML::Load(std::string(yaml)), loaded.profile);
  } catch (const YAML::Exception& error) {
    loaded.faults.push_back(std::string(name) + ":" + std::to_string(error.mark.line + 1) +
                            ": not YAML: " + error.msg + ".");
  }
  cross_check(loaded.profile, name, loaded.faults);
  return loaded;
}

Loaded load_profile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return {
        {},
        {file.string() + ": cannot be read; give --profile a file such as profiles/minimal.yaml."}};
  const std::string yaml{std::istreambuf_iterator<char>(in), {}};
  return parse_profile(yaml, file.string());
}

}  // namespace host::config
