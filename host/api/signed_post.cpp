#include "api/signed_post.hpp"

#include <vector>

#include "auth/ecdsa.hpp"
#include "base/problem.hpp"
#include "http/spooled_file.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::api {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kLongestTimestamp = 20;

// Digits only: else a part of a signed body could be passed off as the timestamp before it.
bool is_timestamp(std::string_view text) {
  return !text.empty() && text.size() <= kLongestTimestamp &&
         text.find_first_not_of("0123456789") == text.npos;
}

// In blocks: what was spooled is not read into memory.
void add_body(auth::EcdsaP256& check, const http::Request& request) {
  if (!request.spooled) return check.add(request.body);
  std::vector<char> block(kBlock);
  for (std::uint64_t offset = 0;;) {
    const auto got = request.spooled->read(offset, block.data(), block.size());
    if (got == 0) return;
    check.add({block.data(), got});
    offset += got;
  }
}

// Empty: it holds.
const char* fault_of(auth::EcdsaP256& check, const http::Request& request) {
  const auto signature = request.headers.get(kSignatureHeader);
  const auto timestamp = request.headers.get(kTimestampHeader);
  if (signature.empty()) return "there is none";
  if (!is_timestamp(timestamp)) return "its timestamp is none";
  check.add(timestamp);
  add_body(check, request);
  return check.holds(signature) ? "" : "it is not the key's";
}

void log_refusal(observe::Level level, const char* message, const char* reason, const Route& route,
                 const CallToken* token, const std::string& request_id) {
  observe::log(level, message,
               {{"request_id", request_id},
                {"tenant", token ? token->tenant() : std::string()},
                {"operation", route.operation},
                {"reason", reason}});
}

}  // namespace

bool check_signed_post(const Route& route, const http::Request& request, const CallToken* token,
                       const std::string& request_id) {
  const auto key = route.signature->key(token);
  if (key.empty() && !route.signature->required) return true;
  if (request.body_size() == 0) return false;
  const char* fault = "no key is set";
  if (!key.empty()) {
    auto check = auth::EcdsaP256::with_key(key);
    if (!check) {
      log_refusal(observe::Level::error, "The key for signed posts cannot be used.",
                  "it is no public key for P-256 in base64", route, token, request_id);
      throw unavailable("signature_key_unusable",
                        "The key that signatures are checked with is none; the owner of this "
                        "address must correct it.",
                        300);
    }
    fault = fault_of(*check, request);
  }
  if (*fault == '\0') return true;
  observe::metrics()
      .counter("serai_http_bad_signatures_total",
               "Posts that were refused because their signature did not hold.",
               {{"operation", route.operation}})
      .add();
  log_refusal(observe::Level::warning, "A post was refused for its signature.", fault, route, token,
              request_id);
  throw unauthorized("bad_signature", "This is not signed by the key it needs.");
}

}  // namespace host::api
