// GMime takes the message apart; nothing it gives is trusted to be clean.
#include <algorithm>
#include <memory>
#include <mutex>

#include <dlfcn.h>
#include <gmime/gmime.h>

#include "bounds.hpp"
#include "clean_text.hpp"
#include "file_type.hpp"
#include "html_text.hpp"
#include "message.hpp"
#include "origin.hpp"

namespace inbound {
namespace {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

constexpr std::size_t kLine = 998;  // bytes of a header's value that is kept
constexpr int kMostAddresses = 200;
constexpr int kMostReferences = 100;

// GLib never forgets a type that was registered, so the library that registered it must never go:
// a plugin's unloading would take it along.
void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] {
    ::dlopen("libgmime-3.0.so.0",
             RTLD_NOW | RTLD_NODELETE);  // NOLINT: the reference is kept for ever
    g_mime_init();
  });
}

std::string line_of(const char* value) { return value == nullptr ? "" : clean_line(value, kLine); }

std::string lower(std::string text) {
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + 32);
  }
  return text;
}

// A Message-ID without brackets and white space.
std::string id_of(const char* value) {
  std::string id;
  for (const char byte : line_of(value)) {
    if (byte != '<' && byte != '>' && byte != ' ') id += byte;
  }
  return id;
}

std::vector<Address> addresses_of(InternetAddressList* list) {
  std::vector<Address> addresses;
  if (list == nullptr) return addresses;
  const int count = std::min(internet_address_list_length(list), kMostAddresses);
  for (int i = 0; i < count; ++i) {
    auto* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      addresses.push_back(
          {line_of(internet_address_get_name(address)),
           lower(line_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))))});
    } else if (INTERNET_ADDRESS_IS_GROUP(address)) {
      auto* members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address));
      for (int j = 0; members != nullptr && j < internet_address_list_length(members) &&
                      addresses.size() < kMostAddresses;
           ++j) {
        auto* member = internet_address_list_get_address(members, j);
        if (!INTERNET_ADDRESS_IS_MAILBOX(member)) continue;
        addresses.push_back(
            {line_of(internet_address_get_name(member)),
             lower(line_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(member))))});
      }
    }
  }
  return addresses;
}

std::string bytes_of(GMimePart* part) {
  auto* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, out.get());
  const auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
  return bytes == nullptr ? std::string()
                          : std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

std::string media_type_of(GMimeObject* object) {
  auto* type = g_mime_object_get_content_type(object);
  if (type == nullptr) return "text/plain";
  const std::unique_ptr<char, decltype(&g_free)> text(g_mime_content_type_get_mime_type(type),
                                                      g_free);
  return lower(line_of(text.get()));
}

std::string parameter(GMimeObject* object, const char* name) {
  return line_of(g_mime_object_get_content_type_parameter(object, name));
}

// Of a returned mail's headers, without brackets.
std::string message_id_in(const std::string& headers) {
  for (std::size_t at = 0; at < headers.size();) {
    const auto end = std::min(headers.find('\n', at), headers.size());
    const auto line = lower(headers.substr(at, std::min<std::size_t>(end - at, 12)));
    if (line.starts_with("message-id:")) {
      return id_of(clean_text(headers.substr(at + 11, end - at - 11), kLine).c_str());
    }
    at = end + 1;
  }
  return {};
}

// A plain name, whatever the sender put there: no folders, nothing hidden.
std::string file_name(const char* given, std::string_view fallback) {
  auto name = line_of(given);
  const auto slash = name.find_last_of("/\\");
  if (slash != std::string::npos) name.erase(0, slash + 1);
  std::erase_if(name,
                [](char byte) { return byte == '"' || byte == '<' || byte == '>' || byte == ':'; });
  while (name.starts_with('.') || name.starts_with(' ')) name.erase(0, 1);
  name = clean_text(name, 200);
  return name.empty() ? std::string(fallback) : name;
}

class Reader {
 public:
  Reader(const MessageLimits& limits, Message& message) : limits_(limits), message_(message) {}

  void read(GMimeObject* object) { read(object, 0, false); }

  void finish() {
    message_.html = clean_text(html_, limits_.text);
    message_.text = clean_text(text_, limits_.text);
    if (message_.text.find_first_not_of(" \t\n") == std::string::npos) {
      message_.text = clean_text(html_to_text(message_.html), limits_.text);
    }
  }

 private:
  void count(int depth) {
    if (depth > limits_.depth) throw PoisonMessage("The message is nested too deeply.");
    if (++parts_ > limits_.parts) throw PoisonMessage("The message has too many parts.");
  }

  void read(GMimeObject* object, int depth, bool alternative) {
    if (object == nullptr) return;
    count(depth);
    if (GMIME_IS_MULTIPART(object)) {
      auto* multipart = GMIME_MULTIPART(object);
      const bool choice = media_type_of(object) == "multipart/alternative";
      for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i) {
        read(g_mime_multipart_get_part(multipart, i), depth + 1, choice || alternative);
      }
      // The boundary that was announced never came: all its words stand before the first part.
      if (const char* words = g_mime_multipart_get_prologue(multipart);
          words != nullptr && g_mime_multipart_get_count(multipart) == 0) {
        text_ += to_utf8(words, nullptr);
      }
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      read_nested(object);
    } else if (GMIME_IS_PART(object)) {
      read_leaf(GMIME_PART(object));
    }
  }

  // A forwarded message stays whole, as an attachment: it is not what the sender wrote now.
  void read_nested(GMimeObject* object) {
    auto* nested = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (nested == nullptr) return;
    if (message_.origin == Origin::bounce && message_.returned_id.empty()) {
      message_.returned_id = id_of(g_mime_message_get_message_id(nested));
    }
    const Owned<GMimeStream> out(g_mime_stream_mem_new());
    g_mime_object_write_to_stream(GMIME_OBJECT(nested), nullptr, out.get());
    const auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
    Attachment attachment;
    attachment.name = clean_text(line_of(g_mime_message_get_subject(nested)), 100);
    std::replace(attachment.name.begin(), attachment.name.end(), '/', '-');
    attachment.name = file_name(attachment.name.c_str(), "message") + ".eml";
    attachment.declared = attachment.type = "message/rfc822";
    attachment.content.assign(reinterpret_cast<const char*>(bytes->data), bytes->len);
    message_.attachments.push_back(std::move(attachment));
  }

  void read_leaf(GMimePart* part) {
    auto* object = GMIME_OBJECT(part);
    const auto type = media_type_of(object);
    const char* disposition = g_mime_object_get_disposition(object);
    const bool attached = disposition != nullptr && lower(line_of(disposition)) == "attachment";
    const char* name = g_mime_part_get_filename(part);
    if (type == "message/delivery-status") {
      if (!message_.bounce) message_.bounce = read_delivery_status(bytes_of(part));
      return;
    }
    if (type == "text/rfc822-headers" && message_.origin == Origin::bounce) {
      if (message_.returned_id.empty()) message_.returned_id = message_id_in(bytes_of(part));
      return;
    }
    if (!attached && name == nullptr && (type == "text/plain" || type == "text/html")) {
      const auto charset = parameter(object, "charset");
      auto& into = type == "text/html" ? html_ : text_;
      if (into.size() < limits_.text) {
        if (!into.empty()) into += '\n';
        into += to_utf8(bytes_of(part), charset.empty() ? nullptr : charset.c_str());
      }
      return;
    }
    Attachment attachment;
    attachment.content = bytes_of(part);
    if (attachment.content.empty() && name == nullptr) return;
    attachment.name = file_name(name, "attachment");
    attachment.declared = type;
    attachment.type = detect_type(attachment.content, attachment.name);
    attachment.content_id = id_of(g_mime_part_get_content_id(part));
    attachment.is_inline = !attached && !attachment.content_id.empty();
    message_.attachments.push_back(std::move(attachment));
  }

  const MessageLimits& limits_;
  Message& message_;
  std::string text_;
  std::string html_;
  std::size_t parts_ = 0;
};

void read_headers(GMimeMessage* parsed, Message& message) {
  message.message_id = id_of(g_mime_message_get_message_id(parsed));
  message.subject = line_of(g_mime_message_get_subject(parsed));
  const auto first = [](std::vector<Address> list) {
    return list.empty() ? Address{} : std::move(list.front());
  };
  message.from = first(addresses_of(g_mime_message_get_from(parsed)));
  if (message.from.email.empty()) {
    message.from = first(addresses_of(g_mime_message_get_sender(parsed)));
  }
  message.reply_to = first(addresses_of(g_mime_message_get_reply_to(parsed)));
  if (message.reply_to.email.empty()) message.reply_to = message.from;
  message.to = addresses_of(g_mime_message_get_to(parsed));
  message.cc = addresses_of(g_mime_message_get_cc(parsed));
  if (auto* date = g_mime_message_get_date(parsed); date != nullptr) {
    message.date = g_date_time_to_unix(date);
  }
  auto* object = GMIME_OBJECT(parsed);
  const auto ids = [&](const char* header) {
    std::vector<std::string> found;
    const char* value = g_mime_object_get_header(object, header);
    if (value == nullptr) return found;
    const std::unique_ptr<GMimeReferences, decltype(&g_mime_references_free)> list(
        g_mime_references_parse(nullptr, value), g_mime_references_free);
    const int count = std::min(g_mime_references_length(list.get()), kMostReferences);
    for (int i = 0; i < count; ++i) {
      auto id = id_of(g_mime_references_get_message_id(list.get(), i));
      if (!id.empty()) found.push_back(std::move(id));
    }
    return found;
  };
  if (auto replied = ids("In-Reply-To"); !replied.empty()) message.in_reply_to = replied.front();
  message.references = ids("References");

  auto* headers = g_mime_object_get_header_list(object);
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    const auto name = line_of(g_mime_header_get_name(g_mime_header_list_get_header_at(headers, i)));
    if (lower(name) == "received") ++message.hops;
  }
  auto* body = g_mime_message_get_mime_part(parsed);
  const auto media_type = body == nullptr ? std::string() : media_type_of(body);
  const auto report = body == nullptr ? std::string() : lower(parameter(body, "report-type"));
  message.origin = judge_origin(
      [&](const char* name) { return line_of(g_mime_object_get_header(object, name)); },
      message.from.email, media_type, report);
  // Exim says whom it did not reach in a header alone.
  const auto failed = line_of(g_mime_object_get_header(object, "X-Failed-Recipients"));
  if (message.origin == Origin::bounce && !failed.empty()) {
    message.bounce = Bounce{failed.substr(0, failed.find(',')), "failed", "5.0.0"};
  }
}

}  // namespace

Message parse_message(std::string_view raw, const MessageLimits& limits) {
  if (raw.empty()) throw PoisonMessage("This is no mail: it is empty.");
  check_bounds(raw, limits);
  start_gmime();
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> parsed(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!parsed) throw PoisonMessage("This is no mail: it has no headers.");
  Message message;
  read_headers(parsed.get(), message);
  Reader reader(limits, message);
  reader.read(g_mime_message_get_mime_part(parsed.get()));
  reader.finish();
  if (message.from.email.empty() && message.text.empty() && message.attachments.empty()) {
    throw PoisonMessage("This is no mail: it has neither sender nor content.");
  }
  return message;
}

}  // namespace inbound
