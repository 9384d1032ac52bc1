// multipart/form-data on its way to a plugin: fields stay in memory, files are streamed into the
// tenant's blob store. What the plugin does not keep is removed when the upload goes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/call_token.hpp"
#include "http/message.hpp"
#include "http/spooled_file.hpp"
#include "plugins/blob_keeper.hpp"
#include "plugins/registry.hpp"
#include "storage/blobs.hpp"

namespace host::api {

// Who decides what stands in a form: our API, or a provider that posts to a webhook (`access:
// link`), whose large fields go to the blob store as files do and whose parts may be many.
enum class FormOf : std::uint8_t { api, provider };

class Upload {
 public:
  std::span<const plugins::UploadedPart> parts() const { return views_; }

 private:
  friend class UploadReceiver;
  friend Upload receive_upload(const http::Request&, const CallToken&, storage::Blobs&,
                               plugins::BlobKeeper&, FormOf);
  struct Owned {
    std::string name, file_name, content_type, data, blob;
    std::uint64_t size = 0;
  };
  std::deque<Owned> owned_;  // what the views look at; never moves
  std::vector<plugins::UploadedPart> views_;
  std::deque<plugins::BlobKeeper::Upload> blobs_;
};

// Throws Problem(400) for a malformed form, Problem(413) for too many or too large fields,
// Problem(415) if the request is no form.
Upload receive_upload(const http::Request& request, const CallToken& token, storage::Blobs& blobs,
                      plugins::BlobKeeper& keeper, FormOf form_of);

}  // namespace host::api
