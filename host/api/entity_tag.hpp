// Strong entity tags (RFC 9110 §8.8.3) of JSON answers.
#pragma once

#include <string>
#include <string_view>

namespace host::api {

// A quoted tag of the content: the same bytes give the same tag in every process.
std::string entity_tag(std::string_view content);
// Whether the list of an If-Match or If-None-Match header ("*" or tags) holds the tag.
bool tag_matches(std::string_view header, std::string_view tag);

}  // namespace host::api
