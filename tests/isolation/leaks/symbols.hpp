// The names under which the linker's --wrap finds the replaced functions and the real ones: calls
// of F go to __wrap_F, and __real_F is F. The names are the compiler's (Itanium ABI); one that
// changes does not link. A member function's first argument is its object.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/idempotency.hpp"
#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "jobs/queue.hpp"
#include "observe/access_log.hpp"
#include "storage/blobs.hpp"
#include "storage/cache.hpp"
#include "storage/store.hpp"
#include "storage/vectors.hpp"

#define SERAI_CACHE "_ZN4host7storage17make_memory_cacheEm"
#define SERAI_VECTORS "_ZN4host7storage18make_faiss_vectorsEm"
#define SERAI_BLOBS "_ZN4host7storage15make_file_blobsENSt10filesystem7__cxx114pathE"
#define SERAI_STORE "_ZN4host7storage17make_sqlite_storeENS0_13SqliteOptionsE"
#define SERAI_QUEUE \
  "_ZN4host4jobs10make_queueERNS_7storage5StoreENS0_12QueueTenantsENS0_12QueueOptionsE"
#define SERAI_ONCE                                                                            \
  "_ZN4host3api11Idempotency4onceERKNS_9CallTokenESt17basic_string_viewIcSt11char_traitsIcEE" \
  "S8_RKSt8functionIFNS_4http8ResponseEvEE"
#define SERAI_AUTHENTICATOR "_ZN4host4auth4Auth13authenticatorEv"
#define SERAI_AUDIT "_ZN4host5audit10make_auditERNS_7storage5StoreENS0_7OptionsE"
#define SERAI_USER                                                                       \
  "_ZN4host4auth4Team4userERKNS_9CallTokenERKNSt7__cxx1112basic_stringIcSt11char_traits" \
  "IcESaIcEEE"
#define SERAI_REVOKE                                                                           \
  "_ZN4host4auth8Sessions6revokeERKNS_9CallTokenERKNSt7__cxx1112basic_stringIcSt11char_traits" \
  "IcESaIcEEESt17basic_string_viewIcS8_E"
#define SERAI_MAILER "_ZN4host4auth18make_outbox_mailerENSt10filesystem7__cxx114pathE"
#define SERAI_LOG_ACCESS "_ZN4host7observe10log_accessERKNS0_10AccessLineE"

namespace leaks {

using namespace host;  // NOLINT: the signatures below are the host's

#define SERAI_REPLACED(result, name, symbol, arguments) \
  result real_##name arguments asm("__real_" symbol);   \
  result wrapped_##name arguments asm("__wrap_" symbol)

SERAI_REPLACED(std::unique_ptr<storage::Cache>, cache, SERAI_CACHE, (std::size_t));
SERAI_REPLACED(std::unique_ptr<storage::Vectors>, vectors, SERAI_VECTORS, (std::size_t));
SERAI_REPLACED(std::unique_ptr<storage::Blobs>, blobs, SERAI_BLOBS, (std::filesystem::path));
SERAI_REPLACED(std::unique_ptr<storage::Store>, store, SERAI_STORE, (storage::SqliteOptions));
SERAI_REPLACED(std::unique_ptr<audit::Audit>, audit, SERAI_AUDIT,
               (storage::Store&, audit::Options));
SERAI_REPLACED(std::unique_ptr<auth::Mailer>, mailer, SERAI_MAILER, (std::filesystem::path));
SERAI_REPLACED(std::unique_ptr<jobs::Queue>, queue, SERAI_QUEUE,
               (storage::Store&, jobs::QueueTenants, jobs::QueueOptions));
SERAI_REPLACED(auth::Authenticator&, authenticator, SERAI_AUTHENTICATOR, (auth::Auth*));
SERAI_REPLACED(http::Response, once, SERAI_ONCE,
               (api::Idempotency*, const CallToken&, std::string_view, std::string_view,
                const std::function<http::Response()>&));
SERAI_REPLACED(auth::User, user, SERAI_USER, (auth::Team*, const CallToken&, const std::string&));
SERAI_REPLACED(void, revoke, SERAI_REVOKE,
               (auth::Sessions*, const CallToken&, const std::string&, std::string_view));
SERAI_REPLACED(void, log_access, SERAI_LOG_ACCESS, (const observe::AccessLine&));

}  // namespace leaks
