/* serai.imap/1: mail read from a mailbox, under the rules of serai.http_client/1: only from hosts
 * the manifest declares and the operator grants. Nothing in the mailbox changes by it. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_IMAP_ID "serai.imap/1"
enum {
  SERAI_IMAP_TLS_REQUIRED = 0, /* imap:// goes on after STARTTLS, or not at all */
  SERAI_IMAP_TLS_NONE = 1      /* in the clear, where the operator allows it */
};
enum {
  SERAI_IMAP_READ = 0,
  SERAI_IMAP_LOGIN_REFUSED = 1,
  SERAI_IMAP_MAILBOX_REFUSED = 2 /* there is none of that name, or it is not for this login */
};
enum {                           /* of a message */
       SERAI_IMAP_WHOLE = 0,     /* `content` is all of it */
       SERAI_IMAP_TOO_LARGE = 1, /* above `max_bytes` */
       SERAI_IMAP_WITHHELD = 2   /* the server lists it and refuses to give it out */
};

typedef struct serai_imap_request {
  uint32_t struct_size;
  uint32_t timeout_ms; /* of everything; 0: 30,000; never beyond the call's deadline */
  serai_str url;       /* imap://host:port, or imaps://host:port: TLS from the first byte */
  serai_str user;
  serai_str password;
  serai_str mailbox;     /* UTF-8, such as INBOX; the host writes it as IMAP wants it */
  uint32_t tls;          /* SERAI_IMAP_TLS_* for imap:// */
  uint32_t uid_validity; /* that `after_uid` belongs to; 0: none */
  uint32_t after_uid;    /* messages with a higher UID; counts only if uid_validity still holds */
  uint32_t max_messages; /* at most 500; 0: only what the mailbox says of itself */
  uint64_t max_bytes;    /* of a message; 0: 32 MiB; at most 64 MiB */
} serai_imap_request;

typedef struct serai_imap_message {
  uint32_t uid;
  uint32_t state;    /* SERAI_IMAP_WHOLE ... */
  uint64_t size;     /* bytes, as the server counts them */
  serai_str content; /* head and body as they lie there; empty unless whole */
} serai_imap_message;

typedef struct serai_imap_result {
  uint32_t struct_size;
  int32_t outcome;                    /* SERAI_IMAP_READ ... */
  uint32_t uid_validity;              /* now; another than was asked for: UIDs begin anew at 1 */
  uint32_t uid_next;                  /* the next new message gets this UID or a higher one */
  uint32_t up_to_uid;                 /* what is not above it is in `messages`, was asked before or
                                       * is gone */
  uint32_t more;                      /* 1: there are messages above up_to_uid */
  const serai_imap_message* messages; /* by rising UID */
  uint32_t message_count;
  uint32_t reserved;
  serai_str reply; /* of a refusal: the server's words, at most 1,000 bytes, without control
                    * characters */
} serai_imap_result;

typedef struct serai_imap_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Messages in one session, which keeps nothing: who asks again says where to go on. The mailbox
   * is opened for reading alone (EXAMINE, BODY.PEEK[]): nothing becomes seen or deleted. One call
   * gives at most about 32 MiB, at least one message if there is one; fewer than asked when the
   * session breaks after the first. SERAI_E_UNAVAILABLE: no connection, no TLS, time-out or
   * rubbish before the first message, or open breaker; SERAI_E_DENIED: host not declared or
   * granted, or unencrypted where that is not allowed; SERAI_E_INVALID: a malformed login or
   * mailbox. The views in `out` live as long as the call; `out->struct_size` is set by the caller.
   * [worker] */
  serai_status (*fetch)(serai_call call, const serai_imap_request* request,
                        serai_imap_result* out) SERAI_NOEXCEPT;
} serai_imap_api;

#ifdef __cplusplus
}
#endif
