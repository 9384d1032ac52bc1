#include "cli/isolation_test/signer.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "api/signed_post.hpp"
#include "plugins/library.hpp"

namespace host::cli::isolation_test {
namespace {

constexpr auto kTimestamp = "1700000000";

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size))));
  return text;
}

struct ReleaseContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

void Signer::Release::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

Signer::Signer() : key_(EVP_EC_gen("P-256")) {
  if (!key_) throw std::runtime_error("no key could be made");
}

void Signer::settle(config::PluginChoice& choice, const std::filesystem::path& file) const {
  const auto parsed = plugins::read_manifest(file);
  if (!parsed.faults.empty()) return;  // the registry says so
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  const auto key = base64(der, static_cast<std::size_t>(size));
  OPENSSL_free(der);
  auto settings = nlohmann::json::parse(choice.settings);
  for (const auto& route : parsed.manifest.routes)
    if (route.signature) settings[route.signature->key] = key;
  choice.settings = settings.dump();
}

void Signer::sign(http::Request& request) const {
  const std::string all = kTimestamp + request.body;
  unsigned char seal[100];
  std::size_t size = sizeof seal;
  const std::unique_ptr<EVP_MD_CTX, ReleaseContext> context(EVP_MD_CTX_new());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), seal, &size, reinterpret_cast<const unsigned char*>(all.data()),
                     all.size()) != 1)
    throw std::runtime_error("a post could not be signed");
  request.headers.add(api::kTimestampHeader, kTimestamp);
  request.headers.add(api::kSignatureHeader, base64(seal, size));
}

}  // namespace host::cli::isolation_test
