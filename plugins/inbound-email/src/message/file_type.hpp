// What an attachment is, judged by its bytes.
#pragma once

#include <string>
#include <string_view>

namespace inbound {

// The media type of the kinds that customers send; "application/octet-stream" for all others. The
// name only tells kinds of text and of office documents apart.
std::string detect_type(std::string_view content, std::string_view name);

}  // namespace inbound
