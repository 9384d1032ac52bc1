// Compresses answers for clients that accept it. Called by the API layer before Reply::send; not
// for streams, and never for answers that mix a secret with what the client sent (the caller
// decides).
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace host::http {

// Does this Accept-Encoding value prefer gzip to identity (RFC 9110, 12.5.3)?
bool accepts_gzip(std::string_view accept_encoding);

// Replaces a text or JSON body of at least 1 KiB by its gzip form, sets Content-Encoding, makes a
// strong ETag weak, and adds Vary: Accept-Encoding wherever the answer depends on it. Leaves the
// rest alone: encoded or tiny bodies, files, images.
void compress(std::string_view accept_encoding, Response& response);

std::string gzip(std::string_view bytes);

}  // namespace host::http
