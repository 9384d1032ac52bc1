// Subcommands of those who sign plugins and of those who ask who signed: keys, packages,
// signatures. They work on files alone; no host, no profile, no network.
#include <iostream>
#include <stdexcept>

#include "base/time.hpp"
#include "cli/commands.hpp"
#include "cli/profile_options.hpp"
#include "plugins/library.hpp"
#include "trust/keys.hpp"
#include "trust/moment.hpp"
#include "trust/package.hpp"
#include "trust/package_file.hpp"
#include "trust/policy.hpp"
#include "trust/signature.hpp"

namespace host::cli {
namespace {

namespace fs = std::filesystem;

Timestamp moment(const std::string& text, Timestamp otherwise) {
  if (text.empty()) return otherwise;
  const auto time = trust::parse_seconds_text(text);
  if (!time) throw std::runtime_error(text + " is no time such as 2026-11-21T15:00:00Z");
  return *time;
}

trust::Package parse(const fs::path& file, const std::string& bytes) {
  trust::Package package;
  auto fault = trust::parse_package(bytes, package);
  if (fault.empty()) fault = trust::check_content(package, true);
  if (!fault.empty()) throw std::runtime_error(file.string() + ": " + fault);
  return package;
}

fs::path with_suffix(fs::path name, const char* suffix) { return name += suffix; }

}  // namespace

int plugin_keygen(const KeygenOptions& options) {
  const auto secret = with_suffix(options.name, ".secret"),
             open = with_suffix(options.name, ".yaml");
  if (fs::exists(open)) throw std::runtime_error(open.string() + ": exists already");
  const auto key = trust::SecretKey::make();
  key.write(secret);
  const auto from = now();
  trust::replace_file(open, trust::to_text(trust::PublicKeyFile{
                                key.public_key(), options.owner, options.level, from,
                                from + std::chrono::hours(24) * options.days}));
  std::cout << "key " << trust::key_id(key.public_key()) << '\n'
            << "  " << secret.string() << ": the secret key; keep it to yourself, out of the tree\n"
            << "  " << open.string() << ": the public key; give it to operators\n";
  return 0;
}

int plugin_pack(const PackOptions& options) {
  fs::path source = options.source;
  if (!source.has_filename()) source = source.parent_path();  // "folder/"
  const auto out =
      options.out.empty() ? source.filename().replace_extension(trust::kExtension) : options.out;
  const auto bytes = trust::pack(source);
  const auto package = parse(out, bytes);
  trust::replace_file(out, bytes);
  std::cout << out.string() << ": " << package.files.size() << " file(s), package "
            << trust::to_hex(package.hash()) << ", not signed\n";
  return 0;
}

int plugin_sign(const SignOptions& options) {
  const auto from = moment(options.not_before, now());
  const auto until = moment(options.not_after, from + std::chrono::hours(24) * options.days);
  if (until - from < std::chrono::seconds(1))
    throw std::runtime_error("a signature must end after it begins");
  const auto bytes = trust::read_file(options.package);
  if (!trust::is_package(bytes))
    throw std::runtime_error(options.package.string() +
                             ": is no package; make one with `serai plugin pack`");
  const auto package = parse(options.package, bytes);
  const auto key = trust::SecretKey::read(options.key);
  const auto signature = trust::sign(key, package.hash(), from, until);
  trust::replace_file(options.package, trust::with_signature(package, trust::to_text(signature)));
  std::cout << options.package.string() << ": signed with the key " << signature.key
            << ", valid until " << trust::to_seconds_text(signature.not_after) << '\n';
  return 0;
}

int plugin_verify(const VerifyOptions& options) {
  const auto bytes = trust::read_file(options.package);
  const auto package = parse(options.package, bytes);
  trust::Policy::Options policy;
  policy.store = options.trust.empty() ? trust_store_of({}) : options.trust;
  const auto loaded = trust::load_store(policy.store);
  for (const auto& fault : loaded.faults) std::cerr << fault << '\n';
  trust::Verdict verdict;
  const auto refusal =
      trust::Policy(policy).judge(package.hash(), package.signature, false, verdict);
  const auto parsed = plugins::read_manifest(options.package);
  for (const auto& fault : parsed.faults) std::cerr << fault << '\n';
  std::cout << "plugin   " << parsed.manifest.id << ' ' << parsed.manifest.version << '\n'
            << "package  " << verdict.package << '\n'
            << "level    " << to_text(verdict.level) << '\n';
  if (!verdict.key.empty()) std::cout << "key      " << verdict.key << '\n';
  if (verdict.level != trust::Level::none)
    std::cout << "until    " << trust::to_seconds_text(verdict.valid_until) << '\n';
  for (const auto& tenant : verdict.tenants) std::cout << "tenant   " << tenant << '\n';
  if (!refusal.empty()) throw std::runtime_error(options.package.string() + ": " + refusal);
  return parsed.faults.empty() ? 0 : 1;
}

}  // namespace host::cli
