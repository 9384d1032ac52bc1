#include "attachments.hpp"

#include <serai/download.hpp>

namespace inbound {

serai::Json keep_attachments(const serai::Call& call, const Message& message) {
  serai::Json list = serai::Json::array();
  for (const auto& attachment : message.attachments) {
    const std::string blob(call.blobs().put(attachment.content));
    call.blobs().keep(blob);
    list.push_back({{"attachment_id", call.clock().uuid()},
                    {"name", attachment.name},
                    {"type", attachment.type},
                    {"size", attachment.content.size()},
                    {"inline", attachment.is_inline},
                    {"blob", blob}});
  }
  return list;
}

serai::Response show_attachment(serai::Request& request) {
  for (const auto row :
       request.sql().query("SELECT attachments FROM inbound_email_entries WHERE ticket_id = $1",
                           request.path("ticket_id"))) {
    for (const auto& attachment : row.json("attachments")) {
      if (attachment.value("attachment_id", "") != request.path("attachment_id")) continue;
      return serai::download(attachment["blob"].get<std::string>(), attachment["type"],
                             attachment["name"].get<std::string>());
    }
  }
  throw serai::not_found("The attachment");
}

}  // namespace inbound
