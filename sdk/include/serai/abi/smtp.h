/* serai.smtp/1: mail handed to a submission server or relay, under the rules of
 * serai.http_client/1: only to hosts the manifest declares and the operator grants. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_SMTP_ID "serai.smtp/1"
enum {
  SERAI_SMTP_TLS_REQUIRED = 0, /* smtp:// goes on after STARTTLS, or not at all */
  SERAI_SMTP_TLS_NONE = 1      /* in the clear, where the operator allows it */
};
enum {
  SERAI_SMTP_ACCEPTED = 0, /* the server has taken it over */
  SERAI_SMTP_REFUSED = 1,  /* 5xx: for good */
  SERAI_SMTP_DEFERRED = 2, /* 4xx: try again later */
  SERAI_SMTP_UNKNOWN = 3   /* all was sent and no answer came: it may have been taken over */
};
enum {                            /* what the reply answers */
       SERAI_SMTP_AT_CONNECT = 0, /* greeting, EHLO, STARTTLS */
       SERAI_SMTP_AT_LOGIN = 1,
       SERAI_SMTP_AT_SENDER = 2,
       SERAI_SMTP_AT_RECIPIENT = 3,
       SERAI_SMTP_AT_CONTENT = 4
};

typedef struct serai_smtp_message {
  uint32_t struct_size;
  uint32_t timeout_ms; /* 0: 30,000; never beyond the call's deadline */
  serai_str url;       /* smtp://host:port, or smtps://host:port: TLS from the first byte */
  serai_str user;      /* empty: no login */
  serai_str password;
  serai_str sender;            /* of the envelope: a bare ASCII address; empty: none, for bounces */
  const serai_str* recipients; /* of the envelope, likewise; 1 to 100 */
  uint32_t recipient_count;
  uint32_t tls;      /* SERAI_SMTP_TLS_* for smtp:// */
  serai_str content; /* head and body; lines end with CRLF; at most 64 MiB */
} serai_smtp_message;

typedef struct serai_smtp_result {
  uint32_t struct_size;
  int32_t outcome; /* SERAI_SMTP_ACCEPTED ... */
  int32_t code;    /* the server's last reply; 0: none came */
  uint32_t stage;  /* SERAI_SMTP_AT_... */
  serai_str reply; /* its text, at most 1,000 bytes, as it came but for control characters */
} serai_smtp_result;

typedef struct serai_smtp_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* One message in one session, once: who tries again is the plugin's job. One refused recipient
   * refuses the message to all. Every answer of a server is SERAI_OK. SERAI_E_UNAVAILABLE: no
   * connection, no TLS, time-out before all was sent, or open breaker; SERAI_E_DENIED: host not
   * declared or granted, or unencrypted where that is not allowed; SERAI_E_INVALID: an address or
   * content that is malformed. The views in `out` live as long as the call; `out->struct_size` is
   * set by the caller. [worker] */
  serai_status (*submit)(serai_call call, const serai_smtp_message* message,
                         serai_smtp_result* out) SERAI_NOEXCEPT;
} serai_smtp_api;

#ifdef __cplusplus
}
#endif
