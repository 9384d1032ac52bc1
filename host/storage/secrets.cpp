// Envelope encryption with libsodium. Layout of everything sealed: "v1." and base64url of nonce (24
// bytes) and XChaCha20-Poly1305 ciphertext with tag. What it is bound to goes into the additional
// data, each part with its length before it, so that no two bindings can be written alike.
#include "storage/secrets.hpp"

#include <list>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

#include <sodium.h>

#include "base/problem.hpp"
#include "storage/files.hpp"

namespace host::storage {
namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::string_view kVersion = "v1.";
constexpr std::size_t kLargestValue = 1024 * 1024;
constexpr std::size_t kKnownKeys = 1000;
constexpr const char* kTopic = "data_keys";  // of changes: a tenant, ""

// A key in memory, wiped when it goes.
class Key {
 public:
  Key() = default;
  explicit Key(const unsigned char* bytes) { std::copy(bytes, bytes + kKeyBytes, bytes_.begin()); }
  ~Key() { sodium_memzero(bytes_.data(), bytes_.size()); }
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  const unsigned char* data() const { return bytes_.data(); }
  unsigned char* data() { return bytes_.data(); }

 private:
  std::array<unsigned char, kKeyBytes> bytes_{};
};

std::string binding(std::initializer_list<std::string_view> parts) {
  std::string result;
  for (const std::string_view part : parts) {
    result += std::to_string(part.size());
    result += ':';
    result += part;
  }
  return result;
}

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encrypt(const Key& key, std::string_view plain, const std::string& bound_to) {
  std::vector<unsigned char> box(kNonceBytes + plain.size() + kTagBytes);
  randombytes_buf(box.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(box.data() + kNonceBytes, nullptr, raw(plain),
                                             plain.size(), raw(bound_to), bound_to.size(), nullptr,
                                             box.data(), key.data());
  std::string text(sodium_base64_encoded_len(box.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   '\0');
  sodium_bin2base64(text.data(), text.size(), box.data(), box.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminating NUL that sodium counts
  return std::string(kVersion) + text;
}

std::optional<std::string> decrypt(const Key& key, std::string_view sealed,
                                   const std::string& bound_to) {
  if (!sealed.starts_with(kVersion) || sealed.size() == kVersion.size()) return std::nullopt;
  sealed.remove_prefix(kVersion.size());
  std::vector<unsigned char> box(sealed.size());
  std::size_t size = 0;
  if (sodium_base642bin(box.data(), box.size(), sealed.data(), sealed.size(), nullptr, &size,
                        nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      size < kNonceBytes + kTagBytes) {
    return std::nullopt;
  }
  std::string plain(size - kNonceBytes - kTagBytes, '\0');
  const int result = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, box.data() + kNonceBytes,
      size - kNonceBytes, raw(bound_to), bound_to.size(), box.data(), key.data());
  if (result != 0) return std::nullopt;
  return plain;
}

[[noreturn]] void unreadable() {
  throw Problem(500, "secret_unreadable", "A stored secret cannot be read.");
}

class EnvelopeSecrets final : public Secrets {
 public:
  EnvelopeSecrets(Store& store, const MasterKey& master) : store_(store), master_(master.data()) {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
    if (auto* changes = store_.changes())
      changes->on(kTopic, [this](std::string_view tenant) { forget(tenant); });
  }

  void put(const CallToken& token, std::string_view name, std::string_view value) override {
    check_size(value);
    const std::string sealed = conceal(token, name, value);
    const std::string at = to_text(now());
    const auto session = store_.tenant(token);
    session->execute(
        "INSERT INTO serai_secrets (plugin, name, value, updated_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (plugin, name) DO UPDATE SET value = excluded.value, updated_at = "
        "excluded.updated_at",
        {token.plugin(), name, sealed, at});
  }

  std::optional<std::string> get(const CallToken& token, std::string_view name) override {
    const auto session = store_.tenant(token);
    const Rows rows = session->query(
        "SELECT value FROM serai_secrets WHERE plugin = $1 AND name = $2", {token.plugin(), name});
    if (rows.empty()) return std::nullopt;
    return reveal(token, name, rows.text(0, "value"));
  }

  std::string reveal(const CallToken& token, std::string_view name,
                     std::string_view sealed) override {
    const auto key = known_key(token);
    if (!key) unreadable();  // destroyed
    auto plain = decrypt(*key, sealed, binding({"secret", token.tenant(), token.plugin(), name}));
    if (!plain) unreadable();
    return *plain;
  }

  std::string conceal(const CallToken& token, std::string_view name,
                      std::string_view value) override {
    return encrypt(data_key(token), value,
                   binding({"secret", token.tenant(), token.plugin(), name}));
  }

  void erase(const CallToken& token, std::string_view name) override {
    const auto session = store_.tenant(token);
    session->execute("DELETE FROM serai_secrets WHERE plugin = $1 AND name = $2",
                     {token.plugin(), name});
  }

  std::string seal(const CallToken& token, std::string_view context,
                   std::string_view plain) override {
    check_size(plain);
    return encrypt(data_key(token), plain,
                   binding({"field", token.tenant(), token.plugin(), context}));
  }

  std::string open(const CallToken& token, std::string_view context,
                   std::string_view sealed) override {
    const auto key = known_key(token);
    if (!key) unreadable();
    auto plain = decrypt(*key, sealed, binding({"field", token.tenant(), token.plugin(), context}));
    if (!plain) unreadable();
    return *plain;
  }

  void destroy(const CallToken& token) override {
    const std::string& tenant = folder_name(token.tenant());
    const std::lock_guard lock(mutex_);
    const auto session = store_.platform();
    {
      Transaction transaction(*session);
      session->execute("DELETE FROM serai_data_keys WHERE tenant = $1", {tenant});
      session->announce(kTopic, tenant);
      transaction.commit();
    }
    in_doubt_.erase(tenant);
    forget(tenant);
    // Neither may the write-ahead log keep it; freed pages are overwritten anyway.
    store_.scrub_platform();
  }

 private:
  static void check_size(std::string_view value) {
    if (value.size() > kLargestValue) {
      throw Problem(413, "secret_too_large", "The secret is larger than 1 MiB.");
    }
  }

  std::string key_binding(const std::string& tenant) const { return binding({"data-key", tenant}); }

  std::optional<Key> known_key(const CallToken& token) {
    const std::string& tenant = folder_name(token.tenant());
    const std::lock_guard lock(mutex_);
    if (auto kept = kept_key(tenant)) return kept;
    return load(*store_.platform(), tenant);
  }

  bool in_doubt(const std::string& tenant) {
    const std::lock_guard lock(mutex_);
    return in_doubt_.contains(tenant);
  }

  Key data_key(const CallToken& token) {
    const std::string& tenant = folder_name(token.tenant());
    if (const auto key = known_key(token); key && !in_doubt(tenant)) return *key;
    // Only for a tenant that exists; throws otherwise.
    store_.tenant(token);
    const std::lock_guard lock(mutex_);
    const auto session = store_.platform();
    Key fresh;
    randombytes_buf(fresh.data(), kKeyBytes);
    const std::string wrapped = encrypt(
        master_, {reinterpret_cast<const char*>(fresh.data()), kKeyBytes}, key_binding(tenant));
    const std::string at = to_text(now());
    in_doubt_.insert(tenant);
    session->execute(
        "INSERT INTO serai_data_keys (tenant, wrapped, created_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (tenant) DO NOTHING",
        {tenant, wrapped, at});
    in_doubt_.erase(tenant);
    return *load(*session, tenant);  // ours, or that of another process that came first
  }

  bool hearing() const {
    const auto* changes = store_.changes();
    return !changes || changes->hearing();
  }

  std::optional<Key> kept_key(const std::string& tenant) {
    if (!hearing()) return std::nullopt;
    const std::lock_guard lock(keys_mutex_);
    const auto found = keys_.find(tenant);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
  }

  // "": of all tenants. A tenant made anew under an old name has another key.
  void forget(std::string_view tenant) {
    const std::lock_guard lock(keys_mutex_);
    ++epoch_;
    if (tenant.empty()) return keys_.clear();
    if (const auto found = keys_.find(tenant); found != keys_.end()) keys_.erase(found);
  }

  std::optional<Key> load(Session& session, const std::string& tenant) {
    const std::uint64_t epoch = [this] {
      const std::lock_guard lock(keys_mutex_);
      return epoch_;
    }();
    const Rows rows =
        session.query("SELECT wrapped FROM serai_data_keys WHERE tenant = $1", {tenant});
    if (rows.empty()) return std::nullopt;
    auto bytes = decrypt(master_, rows.text(0, "wrapped"), key_binding(tenant));
    if (!bytes || bytes->size() != kKeyBytes) {
      throw Problem(500, "master_key_mismatch", "The tenant's secrets cannot be read.");
    }
    const Key key(raw(*bytes));
    sodium_memzero(&bytes->front(), bytes->size());
    const std::lock_guard lock(keys_mutex_);
    if (epoch != epoch_ || !hearing()) return key;
    if (keys_.size() >= kKnownKeys) keys_.erase(keys_.begin());
    keys_.emplace(tenant, key);
    return key;
  }

  Store& store_;
  const Key master_;
  std::mutex mutex_;  // one reads or makes keys at a time
  // Whose new key could not be written for certain. It may be there to read and be gone after a
  // loss of power: nothing is sealed with it before a write has waited for it.
  std::set<std::string> in_doubt_;
  std::mutex keys_mutex_;  // for moments only; guards what follows
  std::uint64_t epoch_ = 0;
  std::map<std::string, Key, std::less<>> keys_;  // unwrapped
};

}  // namespace

std::unique_ptr<Secrets> make_secrets(Store& store, const MasterKey& master) {
  return std::make_unique<EnvelopeSecrets>(store, master);
}

}  // namespace host::storage
