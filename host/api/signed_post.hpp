// Posts that must be signed by whoever posts them, as SendGrid signs (Inbound Parse with a security
// policy, event webhook): ECDSA over the timestamp and the body, byte for byte as it came. Checked
// here, because nobody behind sees those bytes. Called by the pipeline, before anything reads the
// body.
#pragma once

#include "api/route.hpp"

namespace host::api {

inline constexpr auto kSignatureHeader = "X-Twilio-Email-Event-Webhook-Signature";
inline constexpr auto kTimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp";

// `route` has a signature. Returns whether a handler shall see the request: not where it is empty,
// with which some look whether anybody is here; that says nothing, so it needs no signature.
// Throws Problem(401 bad_signature) for what was not signed by the key (counted and logged) and
// Problem(503 signature_key_unusable) where the key is none: the poster comes again.
bool check_signed_post(const Route& route, const http::Request& request, const CallToken* token,
                       const std::string& request_id);

}  // namespace host::api
