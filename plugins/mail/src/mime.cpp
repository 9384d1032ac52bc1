// MIME by GMime; see the header.
#include "mime.hpp"

#include <memory>
#include <mutex>

#include <dlfcn.h>
#include <gmime/gmime.h>

namespace mail {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref>;

Ref<GMimeStream> stream_of(std::string_view bytes) {
  return Ref<GMimeStream>(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
}

void set_content(GMimePart* part, std::string_view bytes) {
  const auto stream = stream_of(bytes);
  const Ref<GMimeDataWrapper> wrapper(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part, wrapper.get());
}

Ref<GMimeObject> text_part(const char* subtype, std::string_view text) {
  Ref<GMimeTextPart> part(g_mime_text_part_new_with_subtype(subtype));
  auto* object = reinterpret_cast<GMimeObject*>(part.get());
  g_mime_object_set_content_type_parameter(object, "charset", "utf-8");
  set_content(GMIME_PART(part.get()), text);
  g_mime_part_set_content_encoding(GMIME_PART(part.get()), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return Ref<GMimeObject>(reinterpret_cast<GMimeObject*>(part.release()));
}

// Of its own for each level, and the same each time.
Ref<GMimeObject> multipart(const char* subtype, const std::string& boundary) {
  GMimeMultipart* part = g_mime_multipart_new_with_subtype(subtype);
  g_mime_multipart_set_boundary(part, boundary.c_str());
  return Ref<GMimeObject>(reinterpret_cast<GMimeObject*>(part));
}

void add(GMimeObject* parent, const Ref<GMimeObject>& child) {
  g_mime_multipart_add(GMIME_MULTIPART(parent), child.get());
}

Ref<GMimeObject> attached(const Attachment& attachment, std::string_view bytes) {
  const auto slash = attachment.type.find('/');
  Ref<GMimeObject> object(reinterpret_cast<GMimeObject*>(g_mime_part_new_with_type(
      attachment.type.substr(0, slash).c_str(), attachment.type.substr(slash + 1).c_str())));
  auto* part = GMIME_PART(object.get());
  g_mime_object_set_disposition(object.get(),
                                attachment.content_id.empty() ? "attachment" : "inline");
  g_mime_part_set_filename(part, attachment.name.c_str());
  if (!attachment.content_id.empty())
    g_mime_object_set_content_id(object.get(), attachment.content_id.c_str());
  set_content(part, bytes);
  g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
  return object;
}

void add_address(GMimeMessage* message, GMimeAddressType type, const Address& address) {
  g_mime_message_add_mailbox(message, type, address.name.empty() ? nullptr : address.name.c_str(),
                             address.email.c_str());
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 40);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') continue;
    if (text[i] == '\n') out += '\r';
    out += text[i];
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

// text, or text beside html, in quoted-printable.
Ref<GMimeObject> body_of(const Letter& letter, const std::string& message_id) {
  auto text = text_part("plain", letter.text);
  if (letter.html.empty()) return text;
  auto both = multipart("alternative", "alternative-" + message_id);
  add(both.get(), text);
  add(both.get(), text_part("html", letter.html));
  return both;
}

}  // namespace

void start_mime() {
  static std::once_flag once;
  std::call_once(once, [] {
    (void)dlopen("libgmime-3.0.so.0", RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    g_mime_init();
  });
}

std::string rfc_message_id(const std::string& message_id, const Letter& letter) {
  return message_id + letter.from.email.substr(letter.from.email.rfind('@'));
}

std::string mime_of(const Letter& letter, const std::string& message_id, std::int64_t created,
                    const std::function<std::string(const std::string&)>& blob) {
  start_mime();
  const Ref<GMimeMessage> message(g_mime_message_new(1));
  add_address(message.get(), GMIME_ADDRESS_TYPE_FROM, letter.from);
  add_address(message.get(), GMIME_ADDRESS_TYPE_TO, letter.to);
  if (!letter.reply_to.email.empty())
    add_address(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, letter.reply_to);
  g_mime_message_set_subject(message.get(), letter.subject.c_str(), "utf-8");
  const std::unique_ptr<GDateTime, void (*)(GDateTime*)> date(
      g_date_time_new_from_unix_utc(created), g_date_time_unref);
  if (date) g_mime_message_set_date(message.get(), date.get());
  g_mime_message_set_message_id(message.get(), rfc_message_id(message_id, letter).c_str());
  auto* head = reinterpret_cast<GMimeObject*>(message.get());
  if (!letter.in_reply_to.empty())
    g_mime_object_set_header(head, "In-Reply-To", letter.in_reply_to.c_str(), "utf-8");
  if (!letter.references.empty()) {
    std::string all;
    for (const auto& id : letter.references) all += (all.empty() ? "" : " ") + id;
    g_mime_object_set_header(head, "References", all.c_str(), "utf-8");
  }
  auto body = body_of(letter, message_id);
  if (!letter.attachments.empty()) {
    auto mixed = multipart("mixed", "mixed-" + message_id);
    add(mixed.get(), body);
    for (const auto& one : letter.attachments) add(mixed.get(), attached(one, blob(one.blob)));
    body = std::move(mixed);
  }
  g_mime_message_set_mime_part(message.get(), body.get());
  const std::unique_ptr<char, void (*)(void*)> text(g_mime_object_to_string(head, nullptr), g_free);
  return with_crlf(text.get());
}

}  // namespace mail
