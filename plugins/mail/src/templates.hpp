// Mustache templates: a plugin's own, or the tenant's of the same name in its place. {{x}} is
// escaped in html; what is escaped nowhere ({{{x}}}) is so only where whoever wrote the template
// says it.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "letter.hpp"

namespace mail {

enum class Escape { html, none };

// Problem 422 at `pointer` for a template that is malformed, larger than 200,000 bytes or nested
// more than three sections deep, and for a result of more than 2 MiB.
std::string render_text(const std::string& source, const serai::Json& data, Escape escape,
                        const std::string& pointer);

// Fills subject, text and html from `text`, `html`, `template` and `data` of mail.send/1, the html
// inside of the tenant's frame.
void render(const serai::Call& call, const serai::Json& document, Letter& letter);

// What a reader without html sees: the words.
std::string words_of(const std::string& html);

serai::Json list_templates(serai::Request& request);
serai::Json get_template(serai::Request& request);
serai::Json put_template(serai::Request& request);
void delete_template(serai::Request& request);

}  // namespace mail
