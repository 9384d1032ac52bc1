// SendGrid's mail send that mails nobody: checks requests as strictly as the vendor's OpenAPI
// document describes them and answers in its shapes, and signs events as its webhook does. For
// end-to-end tests of the plugin `mail`.
//
// Facts of the vendor's document it keeps to:
// - POST /v3/mail/send with a bearer key; requires `personalizations` (1 to 1,000, each with `to`),
//   `from`, and `subject` and `content` unless there is a `template_id`. `content` has text/plain
//   before text/html, none empty. Attachments have `content` (base64) and `filename`; at most 10
//   categories; `custom_args` are texts.
// - 202 with an empty body and X-Message-Id; refusals are {"errors": [{message, field, help}]}; 401
//   for a bad key, 413 for more than 30 MB, 429 for too many requests.
// - Events come as a JSON list with `custom_args` as members beside `event`, `sg_event_id`, `email`
//   and `timestamp`, signed (post_signer.hpp).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fakes/http_fake.hpp"
#include "fakes/post_signer.hpp"

namespace fakes {

class SendGrid {
 public:
  explicit SendGrid(std::string key);
  ~SendGrid();

  std::string url() const { return server_->url(""); }
  // Mails it accepted, as they were asked for.
  std::vector<nlohmann::json> mails() const;

  // What the next request for a mail to that address meets instead. By address, because the
  // queue decides which mail is tried when.
  enum class Mood { times_out, hangs_up, fails, limits, rubbish };
  void meets(const std::string& recipient, Mood mood);

  // Its key, and what else is to be signed by it.
  const PostSigner& signer() const { return signer_; }
  // A post of the event webhook.
  struct Post {
    std::string body;
    PostSigner::Headers headers;
  };
  Post sign(const nlohmann::json& events) const;

 private:
  std::optional<std::string> answer(const std::string& request);

  std::string key_;
  const PostSigner signer_;
  mutable std::mutex mutex_;
  std::vector<nlohmann::json> mails_;
  std::map<std::string, Mood> moods_;
  std::unique_ptr<HttpFake> server_;
};

}  // namespace fakes
