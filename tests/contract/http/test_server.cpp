// The service and servers of the conformance suite; see test_server.hpp.
#include "test_server.hpp"

#include <cstdio>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "http/spooled_file.hpp"

namespace contract {
namespace {

using host::http::Reply;
using host::http::Request;
using host::http::Response;

Response echo(const Request& request) {
  Response response;
  response.headers.add("X-Method", request.method);
  response.headers.add("X-Path", request.path);
  response.headers.add("X-Query", request.query);
  response.headers.add("X-Size", std::to_string(request.body_size()));
  response.body = request.spooled ? request.spooled->read_all() : request.body;
  return response;
}

// A self-signed certificate for the life of one test.
void make_certificate(const std::filesystem::path& certificate,
                      const std::filesystem::path& private_key) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_sign(x509, key, EVP_sha256());
  std::FILE* file = std::fopen(certificate.c_str(), "w");
  PEM_write_X509(file, x509);
  (void)std::fclose(file);
  file = std::fopen(private_key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  (void)std::fclose(file);
  X509_free(x509);
  EVP_PKEY_free(key);
}

}  // namespace

std::string name_of(Kind kind) {
  switch (kind) {
    case Kind::pistache:
      return "Pistache";
    case Kind::asio:
      return "Asio";
    case Kind::asio_unix:
      return "AsioUnix";
    case Kind::asio_tls:
      return "AsioTls";
  }
  return "";
}

TestService::TestService() : pool_("test", 4, 100'000) {}

host::http::Admission TestService::admit(const Request& head) {
  if (head.path == "/refused") throw host::unauthorized("no_token", "Who are you?");
  host::http::Admission admission;
  if (head.path == "/ten") admission.body_limit = 10;
  if (head.path == "/brief") admission.handler_time = std::chrono::milliseconds(100);
  return admission;
}

void TestService::handle(Request&& request, Reply reply) {
  ++handled;
  const auto path = request.path;
  const auto size = [&request] {
    return request.query.empty() ? std::size_t{0} : std::stoul(request.query);
  };
  if (path == "/smuggled") ++smuggled;
  if (path == "/held" || path == "/brief") {
    std::lock_guard lock(mutex_);
    held_.emplace_back(std::move(request), std::move(reply));
    changed_.notify_all();
  } else if (path == "/worker") {
    auto shared = std::make_shared<std::pair<Request, Reply>>(std::move(request), std::move(reply));
    if (!pool_.submit([shared] { shared->second.send(echo(shared->first)); }))
      shared->second.send({503, {}, {}, {}});
  } else if (path == "/big") {
    reply.send({200, {}, std::string(size(), 'b'), {}});
  } else if (path == "/file") {
    auto file = std::make_shared<host::http::SpooledFile>();
    const std::string block(65536, 'f');
    for (auto left = size(); left > 0; left -= std::min(left, block.size())) {
      file->append(std::string_view(block).substr(0, left));
    }
    reply.send({200, {}, {}, file});
  } else if (path == "/stream") {
    auto shared = std::make_shared<Reply>(std::move(reply));
    const bool taken = pool_.submit([shared, pieces = size()] {
      const auto stream = shared->stream({200, {}, {}, {}});
      for (std::size_t piece = 0; piece < pieces; ++piece) {
        if (!stream->write("piece " + std::to_string(piece) + "\n")) return;
      }
      stream->finish();
    });
    if (!taken) shared->send({503, {}, {}, {}});
  } else if (path == "/endless") {
    auto shared = std::make_shared<Reply>(std::move(reply));
    const bool taken = pool_.submit([this, shared] {
      const auto stream = shared->stream({200, {}, {}, {}});
      const std::string piece(16384, 'e');
      while (stream->write(piece)) streamed += piece.size();
      ++endless_ended;
      std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    if (!taken) shared->send({503, {}, {}, {}});
  } else if (path == "/feed") {
    auto stream = reply.stream({200, {}, {}, {}});
    stream->stay_open();
    std::lock_guard lock(mutex_);
    feed_ = std::move(stream);
    changed_.notify_all();
  } else if (path == "/dropped") {
    return;
  } else if (path == "/thrown") {
    throw std::runtime_error("a secret of the house");
  } else if (path == "/strange") {
    throw 42;
  } else if (path == "/forged") {
    Response response;
    response.headers.add("X-Forged", "a\r\nSet-Cookie: b=c");
    reply.send(std::move(response));
  } else if (path == "/nothing") {
    reply.send({204, {}, "never sent", {}});
  } else {
    reply.send(echo(request));
  }
}

Response TestService::error(int status, std::string_view code, std::string_view) {
  Response response{status, {}, "{\"code\":\"" + std::string(code) + "\"}", {}};
  response.headers.add("Content-Type", "application/problem+json");
  return response;
}

void TestService::await_held(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return held_.size() >= count; });
}

std::size_t TestService::held() const {
  std::lock_guard lock(mutex_);
  return held_.size();
}

void TestService::release() {
  decltype(held_) released;
  {
    std::lock_guard lock(mutex_);
    released.swap(held_);
  }
  for (auto& [request, reply] : released) reply.send(echo(request));
}

host::http::Reply::Stream& TestService::feed() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return feed_ != nullptr; });
  return *feed_;
}

void TestService::drop_feed() { feed_.reset(); }

bool TestService::held_is_abandoned() {
  std::lock_guard lock(mutex_);
  return !held_.empty() && held_.front().second.abandoned();
}

TestServer::TestServer(Kind kind, const host::http::Limits& limits, unsigned threads) {
  auto pattern = (std::filesystem::temp_directory_path() / "serai-http-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("temporary directory");
  directory_ = pattern;
  host::http::ListenAddress address;
  if (kind == Kind::asio_unix)
    address.unix_path = place_.unix_path = (directory_ / "http.sock").string();
  if (kind == Kind::asio_tls) {
    address.certificate = (directory_ / "certificate.pem").string();
    address.private_key = (directory_ / "key.pem").string();
    make_certificate(address.certificate, address.private_key);
    place_.tls = true;
  }
  server_ = kind == Kind::pistache ? make_pistache_server(address, limits, service_, threads)
                                   : make_asio_server(address, limits, service_, threads);
  server_->start();
  place_.port = server_->port();
}

TestServer::~TestServer() {
  server_->stop(std::chrono::milliseconds(0));
  service_.release();
  service_.stop();
  server_.reset();
  std::filesystem::remove_all(directory_);
}

host::http::Limits brief_limits() {
  host::http::Limits limits;
  limits.header_time = limits.body_time = limits.idle_time = limits.write_time =
      limits.handler_time = std::chrono::milliseconds(300);
  return limits;
}

std::string get(std::string_view path, std::string_view more_headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more_headers) +
         "\r\n";
}

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace contract
