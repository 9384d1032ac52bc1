// What is special to TLS, and which addresses the listeners refuse to serve.
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "test_server.hpp"

namespace contract {
namespace {

TEST(Tls, chooses_http_1_1_and_refuses_a_client_that_speaks_only_others) {
  TestServer server(Kind::asio_tls);
  const auto handshake = [&server](std::string_view offered) {
    Place plain = server.place();
    plain.tls = false;
    RawClient socket(plain);
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* session = SSL_new(context);
    SSL_set_alpn_protos(session, reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(session, in, out);
    std::string chosen = "refused";
    while (SSL_connect(session) != 1) {
      std::string bytes(65536, '\0');
      const int waiting = BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
      if (waiting > 0)
        socket.send(std::string_view(bytes).substr(0, static_cast<std::size_t>(waiting)));
      const auto received = socket.read_some(65536);
      if (received.empty()) break;
      BIO_write(in, received.data(), static_cast<int>(received.size()));
    }
    if (SSL_is_init_finished(session)) {
      const unsigned char* name = nullptr;
      unsigned length = 0;
      SSL_get0_alpn_selected(session, &name, &length);
      chosen.assign(reinterpret_cast<const char*>(name), length);
    }
    SSL_free(session);
    SSL_CTX_free(context);
    return chosen;
  };
  EXPECT_EQ(handshake("\x02h2\x08http/1.1"), "http/1.1");
  EXPECT_EQ(handshake("\x02h2"), "refused");
}

TEST(Tls, survives_a_client_that_speaks_no_tls) {
  TestServer server(Kind::asio_tls);
  Place plain = server.place();
  plain.tls = false;
  RawClient client(plain);
  client.send(get("/echo"));
  EXPECT_EQ(client.read_to_end().find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
  EXPECT_EQ(server.service().handled, 1);
}

TEST(Tls, does_not_let_a_silent_client_keep_others_from_connecting) {
  TestServer server(Kind::asio_tls);
  Place plain = server.place();
  plain.tls = false;
  RawClient silent(plain);
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
}

TEST(Tls, needs_a_certificate_it_can_read) {
  TestService service;
  host::http::ListenAddress address;
  address.certificate = address.private_key = "/nonexistent/certificate.pem";
  EXPECT_THROW(make_asio_server(address, {}, service, 1), std::invalid_argument);
  address.private_key.clear();
  EXPECT_THROW(make_asio_server(address, {}, service, 1), std::invalid_argument);
}

TEST(Listeners, say_what_they_cannot_serve) {
  TestService service;
  host::http::ListenAddress address;
  address.unix_path = "/nonexistent/http.sock";
  EXPECT_THROW(make_pistache_server(address, {}, service, 1), std::invalid_argument);
  EXPECT_THROW(make_asio_server(address, {}, service, 1)->start(), std::system_error);
  address = {};
  address.certificate = address.private_key = "x";
  EXPECT_THROW(make_pistache_server(address, {}, service, 1), std::invalid_argument);
}

TEST(Listeners, give_a_unix_socket_to_its_owner_and_group_only) {
  TestServer server(Kind::asio_unix);
  struct stat status {};
  ASSERT_EQ(::stat(server.place().unix_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
  server.server().stop(std::chrono::milliseconds(0));
  EXPECT_NE(::stat(server.place().unix_path.c_str(), &status), 0);
}

}  // namespace
}  // namespace contract
