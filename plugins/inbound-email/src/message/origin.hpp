// Whether a person wrote a mail.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "message.hpp"

namespace inbound {

// The value of a header, unfolded, or empty.
using HeaderOf = std::function<std::string(const char* name)>;

// By RFC 3834 and the headers that mail programs had before it; `media_type` and `report_type` are
// the message's own.
Origin judge_origin(const HeaderOf& header, std::string_view sender, std::string_view media_type,
                    std::string_view report_type);

// The fields of a message/delivery-status part. Nothing if no recipient is named.
std::optional<Bounce> read_delivery_status(std::string_view text);

}  // namespace inbound
