// TLS over a non-blocking socket: OpenSSL on memory buffers, so that the handshake, reads and
// writes all go through the connection's lock and any thread may answer. TlsContext is the
// certificate, shared by all connections of a listener; TlsChannel is one connection's session.
#pragma once

#include <memory>
#include <string>

#include "http/socket_channel.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace host::http {

class TlsContext {
 public:
  // PEM files. TLS 1.2 and 1.3, ALPN "http/1.1". Throws std::invalid_argument when a file cannot be
  // read or the key does not belong to the certificate.
  TlsContext(const std::string& certificate, const std::string& private_key);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

class TlsChannel : public SocketChannel {
 public:
  TlsChannel(const TlsContext& context, Engine& engine, std::uint64_t number, int descriptor);
  ~TlsChannel() override;

  ssize_t write(const iovec* pieces, int count) override;
  ssize_t send_file(const SpooledFile&, std::uint64_t, std::uint64_t) override {
    return kUnsupported;
  }
  bool flush() override;
  void finish_writing() override;
  bool encrypted() const override { return true; }
  bool decrypt(std::string_view bytes, std::string& plain) override;

 private:
  bool collect();

  ssl_st* session_;
  std::string records_;  // encrypted, not yet taken by the kernel
  std::size_t sent_ = 0;
  bool broken_ = false;
};

}  // namespace host::http
