// SigV4; see the header.
#include "s3/signature.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <sodium.h>

#include "base/sha256.hpp"

namespace host::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

using Digest = std::array<unsigned char, crypto_hash_sha256_BYTES>;

std::string hex(const Digest& digest) {
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return text.data();
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest hmac(std::string_view key, std::string_view text) {
  Digest digest{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes(text), text.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  sodium_memzero(&state, sizeof state);
  return digest;
}

Digest hmac(const Digest& key, std::string_view text) {
  return hmac({reinterpret_cast<const char*>(key.data()), key.size()}, text);
}

// Without blanks at the ends, and one where several stood.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

// Sorted by name; several of one name are joined in the order they came.
std::map<std::string, std::string> canonical_headers(const Pairs& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    const auto [place, fresh] = out.try_emplace(lower(name), trimmed(value));
    if (!fresh) place->second += "," + trimmed(value);
  }
  return out;
}

std::string signed_headers(const Pairs& headers) {
  std::string names;
  for (const auto& [name, value] : canonical_headers(headers)) {
    names += (names.empty() ? "" : ";") + name;
  }
  return names;
}

std::string credential_scope(std::string_view day, const Scope& scope) {
  return std::string(day) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

std::string signature(const std::string& canonical, std::string_view date,
                      const Credentials& credentials, const Scope& scope) {
  const std::string_view day = date.substr(0, 8);
  const std::string to_sign = std::string(kAlgorithm) + "\n" + std::string(date) + "\n" +
                              credential_scope(day, scope) + "\n" + sha256_digits(canonical);
  std::string secret = "AWS4" + credentials.secret_key;
  const Digest key =
      hmac(hmac(hmac(hmac(secret, day), scope.region), scope.service), "aws4_request");
  sodium_memzero(secret.data(), secret.size());
  return hex(hmac(key, to_sign));
}

}  // namespace

std::string uri_encode(std::string_view text, bool keep_slash) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string encoded_query(const Pairs& query) {
  Pairs encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query) {
    encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    out += (out.empty() ? "" : "&") + name + "=" + value;
  }
  return out;
}

std::string amz_date(Timestamp time) {
  std::string out;
  for (const char c : to_text(time).substr(0, 19)) {
    if (c != '-' && c != ':') out += c;
  }
  return out + "Z";
}

std::string canonical_request(const SignedRequest& request, std::string_view payload_hash) {
  std::string out = request.method + "\n" + uri_encode(request.path, true) + "\n" +
                    encoded_query(request.query) + "\n";
  for (const auto& [name, value] : canonical_headers(request.headers)) {
    out += name + ":" + value + "\n";
  }
  return out + "\n" + signed_headers(request.headers) + "\n" + std::string(payload_hash);
}

std::string authorization(const SignedRequest& request, std::string_view payload_hash,
                          Timestamp time, const Credentials& credentials, const Scope& scope) {
  const std::string date = amz_date(time);
  return std::string(kAlgorithm) + " Credential=" + credentials.access_key + "/" +
         credential_scope(date.substr(0, 8), scope) +
         ", SignedHeaders=" + signed_headers(request.headers) + ", Signature=" +
         signature(canonical_request(request, payload_hash), date, credentials, scope);
}

std::string presigned_query(SignedRequest request, Timestamp time, std::chrono::seconds life,
                            const Credentials& credentials, const Scope& scope) {
  const std::string date = amz_date(time);
  request.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  request.query.emplace_back("X-Amz-Credential", credentials.access_key + "/" +
                                                     credential_scope(date.substr(0, 8), scope));
  request.query.emplace_back("X-Amz-Date", date);
  request.query.emplace_back("X-Amz-Expires", std::to_string(life.count()));
  request.query.emplace_back("X-Amz-SignedHeaders", signed_headers(request.headers));
  const std::string made =
      signature(canonical_request(request, kUnsignedPayload), date, credentials, scope);
  return encoded_query(request.query) + "&X-Amz-Signature=" + made;
}

}  // namespace host::s3
