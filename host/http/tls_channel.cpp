// OpenSSL on memory buffers; see tls_channel.hpp.
#include "http/tls_channel.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace host::http {
namespace {

constexpr std::size_t kPlainBlock = 16 * 1024;  // one record
constexpr std::size_t kRecordsAhead = 256 * 1024;

// Chooses http/1.1 if the client offers it; a client that offers only others is refused.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, length, kHttp11, sizeof kHttp11 - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContext::TlsContext(const std::string& certificate, const std::string& private_key)
    : context_(SSL_CTX_new(TLS_server_method())) {
  if (context_ == nullptr) throw std::bad_alloc();
  const bool usable =
      SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION) == 1 &&
      SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context_, private_key.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context_) == 1;
  ERR_clear_error();
  if (!usable) {
    SSL_CTX_free(context_);
    throw std::invalid_argument("The TLS certificate and key cannot be used: " + certificate);
  }
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context_, choose_protocol, nullptr);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsChannel::TlsChannel(const TlsContext& context, Engine& engine, std::uint64_t number,
                       int descriptor)
    : SocketChannel(engine, number, descriptor), session_(SSL_new(context.get())) {
  if (session_ == nullptr) throw std::bad_alloc();
  SSL_set_bio(session_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(session_);
}

TlsChannel::~TlsChannel() { SSL_free(session_); }

// Moves what the session wants to send into records_.
bool TlsChannel::collect() {
  BIO* out = SSL_get_wbio(session_);
  const auto waiting = BIO_ctrl_pending(out);
  if (waiting == 0) return true;
  const auto before = records_.size();
  records_.resize(before + waiting);
  const int got = BIO_read(out, records_.data() + before, static_cast<int>(waiting));
  records_.resize(before + static_cast<std::size_t>(std::max(got, 0)));
  return got == static_cast<int>(waiting);
}

bool TlsChannel::flush() {
  if (broken_) return true;  // nothing more will leave; write() says so
  while (sent_ < records_.size()) {
    const iovec piece{records_.data() + sent_, records_.size() - sent_};
    const auto taken = SocketChannel::write(&piece, 1);
    if (taken < 0) {
      broken_ = true;
      return true;
    }
    if (taken == 0) return false;
    sent_ += static_cast<std::size_t>(taken);
  }
  records_.clear();
  sent_ = 0;
  if (records_.capacity() > kRecordsAhead) std::string().swap(records_);
  return true;
}

ssize_t TlsChannel::write(const iovec* pieces, int count) {
  if (!flush()) return 0;
  ssize_t total = 0;
  for (int index = 0; index < count && !broken_; ++index) {
    std::string_view left(static_cast<const char*>(pieces[index].iov_base), pieces[index].iov_len);
    while (!left.empty() && records_.size() < kRecordsAhead) {
      const int taken =
          SSL_write(session_, left.data(), static_cast<int>(std::min(left.size(), kPlainBlock)));
      if (taken <= 0) {
        ERR_clear_error();
        return kBroken;
      }
      left.remove_prefix(static_cast<std::size_t>(taken));
      total += taken;
      if (!collect()) return kBroken;
    }
    if (!left.empty()) break;
  }
  flush();
  return broken_ ? kBroken : total;
}

bool TlsChannel::decrypt(std::string_view bytes, std::string& plain) {
  if (BIO_write(SSL_get_rbio(session_), bytes.data(), static_cast<int>(bytes.size())) !=
      static_cast<int>(bytes.size())) {
    return false;
  }
  bool intact = true;
  for (;;) {
    const auto before = plain.size();
    plain.resize(before + kPlainBlock);
    const int got = SSL_read(session_, plain.data() + before, static_cast<int>(kPlainBlock));
    plain.resize(before + static_cast<std::size_t>(std::max(got, 0)));
    if (got > 0) continue;
    const int reason = SSL_get_error(session_, got);
    intact = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ||
             reason == SSL_ERROR_ZERO_RETURN;
    break;
  }
  ERR_clear_error();
  intact = collect() && intact;
  flush();  // the handshake's answer, or the alert that explains the refusal
  return intact && !broken_;
}

void TlsChannel::finish_writing() {
  if (SSL_is_init_finished(session_)) SSL_shutdown(session_);
  ERR_clear_error();
  collect();
  flush();
  SocketChannel::finish_writing();
}

}  // namespace host::http
