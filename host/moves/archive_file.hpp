// The file that holds a sealed stream for somebody with a passphrase: "SERAI-ARCHIVE 1\n", the salt
// and the cost of argon2id, and then the stream (sealed_stream.hpp).
#pragma once

#include <string>
#include <string_view>

#include "moves/sealed_stream.hpp"

namespace host::moves {

// Bytes before the stream.
std::size_t archive_header_size();

struct NewArchive {
  std::string header;
  StreamKey key;
};
// Takes about half a second and 256 MiB. Throws Problem(422) for a passphrase of less than 12
// characters.
NewArchive new_archive(std::string_view passphrase);

bool is_archive(std::string_view beginning);
// `beginning`: at least the header. Throws Problem(422): archive_unknown, archive_version,
// archive_damaged.
StreamKey open_archive(std::string_view beginning, std::string_view passphrase);

}  // namespace host::moves
