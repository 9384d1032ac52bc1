#include "trust/store.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>

#include <yaml-cpp/yaml.h>

#include "base/yaml_documents.hpp"
#include "trust/moment.hpp"

namespace host::trust {
namespace {

constexpr std::uintmax_t kMaxFile = 1 << 20;
constexpr auto kRevocations = "revoked.yaml";

// One YAML file of the store: a mapping whose keys are all known.
class Reader {
 public:
  Reader(std::string name, std::vector<std::string>& faults)
      : name_(std::move(name)), faults_(faults) {}

  using Field = std::function<void(const YAML::Node&)>;
  using Fields = std::map<std::string, Field>;

  void fault(const YAML::Node& node, const std::string& sentence) {
    faults_.push_back(name_ + ":" + std::to_string(node.Mark().line + 1) + ": " + sentence + ".");
  }
  void fault(const std::string& sentence) { faults_.push_back(name_ + ": " + sentence + "."); }

  void mapping(const std::string& yaml, const Fields& fields, std::vector<std::string> required) {
    YAML::Node root;
    try {
      if (yaml_documents(yaml).count > 1) return fault("must be one YAML document");
      root = YAML::Load(yaml);
    } catch (const YAML::Exception& error) {
      return fault("not YAML (line " + std::to_string(error.mark.line + 1) + "): " + error.msg);
    }
    if (!root.IsMap()) return fault("must be a mapping of keys to values");
    std::set<std::string> seen;
    for (const auto& item : root) {
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
      const auto field = fields.find(key);
      if (field == fields.end()) {
        std::string known;
        for (const auto& [name, ignored] : fields) known += (known.empty() ? "" : ", ") + name;
        fault(item.first, key + " is not a known key; known here: " + known);
      } else if (!seen.insert(key).second) {
        fault(item.first, key + " stands here twice; keep one");
      } else {
        std::erase(required, key);
        field->second(item.second);
      }
    }
    for (const auto& name : required) fault(name + " is missing" + hint(name));
  }

  Field version() {
    return [this](const YAML::Node& node) {
      if (!node.IsScalar() || node.Scalar() != "1")
        fault(node, "the version must be 1; a newer Serai may have written this file");
    };
  }
  Field text(std::string& out) {
    return [this, &out](const YAML::Node& node) {
      if (!node.IsScalar()) return fault(node, "must be text");
      out = node.Scalar();
    };
  }
  Field time(Timestamp& out) {
    return [this, &out](const YAML::Node& node) {
      const auto time = node.IsScalar() ? parse_seconds_text(node.Scalar()) : std::nullopt;
      if (!time) return fault(node, "must be a time such as 2026-11-21T15:00:00Z");
      out = *time;
    };
  }
  // Texts of which each is `good`.
  Field texts(std::set<std::string, std::less<>>& out, bool (*good)(const std::string&),
              const char* form) {
    return [this, &out, good, form](const YAML::Node& node) {
      if (!node.IsSequence()) return fault(node, std::string("must be a list of ") + form);
      for (const auto& item : node) {
        if (!item.IsScalar() || !good(item.Scalar()))
          fault(item, std::string("must be a list of ") + form);
        else
          out.insert(item.Scalar());
      }
    };
  }

 private:
  static std::string hint(const std::string& name) {
    return name == "level"
               ? "; write core, verified or tenant-private: how far the owner is trusted"
               : "";
  }

  std::string name_;
  std::vector<std::string>& faults_;
};

std::optional<Level> parse_level(const std::string& text) {
  for (const Level level : {Level::core, Level::verified, Level::tenant_private})
    if (text == to_text(level)) return level;
  return std::nullopt;
}

bool good_tenant(const std::string& id) {
  return !id.empty() && id.size() <= 64 &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == id.npos;
}
bool good_key(const std::string& id) { return is_key_id(id); }
bool good_package(const std::string& text) {
  Hash hash;
  return from_hex(text, hash);
}

std::optional<std::string> content(const std::filesystem::path& file, Reader& reader) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) {
    reader.fault("cannot be read");
    return std::nullopt;
  }
  if (size > kMaxFile) {
    reader.fault("is larger than 1 MiB; it is no file of a trust store");
    return std::nullopt;
  }
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

void read_key(const std::filesystem::path& file, TrustStore& store,
              std::vector<std::string>& faults) {
  Reader reader(file.string(), faults);
  const auto yaml = content(file, reader);
  if (!yaml) return;
  const std::size_t before = faults.size();
  TrustedKey key;
  std::string id;
  reader.mapping(*yaml,
                 {{"serai_key", reader.version()},
                  {"id", reader.text(id)},
                  {"public_key",
                   [&](const YAML::Node& node) {
                     if (!node.IsScalar() || !from_hex(node.Scalar(), key.key))
                       reader.fault(node, "public_key must be 64 hexadecimal digits in lower case");
                   }},
                  {"owner", reader.text(key.owner)},
                  {"level",
                   [&](const YAML::Node& node) {
                     const auto level = node.IsScalar() ? parse_level(node.Scalar()) : std::nullopt;
                     if (!level)
                       return reader.fault(node,
                                           "level must be one of: core, verified, tenant-private");
                     key.level = *level;
                   }},
                  {"tenants", reader.texts(key.tenants, good_tenant, "tenants' ids")},
                  {"not_before", reader.time(key.not_before)},
                  {"not_after", reader.time(key.not_after)}},
                 {"serai_key", "id", "public_key", "level", "not_before", "not_after"});
  if (faults.size() != before) return;
  if (id != key_id(key.key)) reader.fault("id is not that of the public_key; get the file again");
  if (key.not_before >= key.not_after) reader.fault("not_after must be later than not_before");
  if ((key.level == Level::tenant_private) != !key.tenants.empty())
    reader.fault(
        "tenants belong to level tenant-private, and to it alone: name at least one there");
  if (store.keys.contains(id)) reader.fault("the key " + id + " stands in two files; keep one");
  if (faults.size() == before) store.keys.emplace(id, std::move(key));
}

void read_revocations(const std::filesystem::path& file, TrustStore& store,
                      std::vector<std::string>& faults) {
  Reader reader(file.string(), faults);
  const auto yaml = content(file, reader);
  if (!yaml) return;
  reader.mapping(
      *yaml,
      {{"serai_revocations", reader.version()},
       {"keys", reader.texts(store.revoked_keys, good_key, "key ids, 32 hexadecimal digits each")},
       {"packages", reader.texts(store.revoked_packages, good_package,
                                 "package hashes, 64 hexadecimal digits each")}},
      {"serai_revocations"});
}

}  // namespace

std::string_view to_text(Level level) {
  switch (level) {
    case Level::core:
      return "core";
    case Level::verified:
      return "verified";
    case Level::tenant_private:
      return "tenant-private";
    case Level::none:
      break;
  }
  return "none";
}

LoadedStore load_store(const std::filesystem::path& folder) {
  LoadedStore loaded;
  if (folder.empty()) return loaded;
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error))
    files.push_back(at->path());
  if (error) {
    loaded.faults.push_back(folder.string() + ": the trust store cannot be read (" +
                            error.message() + "); create the folder, or correct plugins.trust.");
    return loaded;
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    if (name.starts_with(".") || name.starts_with("README")) continue;
    if (name == kRevocations)
      read_revocations(file, loaded.store, loaded.faults);
    else if (file.extension() == ".yaml")
      read_key(file, loaded.store, loaded.faults);
    else
      loaded.faults.push_back(file.string() +
                              ": does not belong into a trust store: keys are *.yaml, revocations "
                              "revoked.yaml; secret keys stay with their owners.");
  }
  if (!loaded.faults.empty()) loaded.store = {};
  return loaded;
}

}  // namespace host::trust
