// Reads the labelled mails of tests/data (its README explains the labels).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "understanding/enquiry.hpp"

namespace inbound_test {

// Field name to its values; a field that the mail does not have is missing.
using Values = std::map<std::string, std::vector<std::string>>;

struct LabelledMail {
  std::string id;
  inbound::Mail mail;  // as the plugin hands it on: HTML made text, quotations cut off
  bool enquiry = false;
  std::string language;
  Values expected;
};

// Throws std::runtime_error with file and mail when a label is not understood.
std::vector<LabelledMail> read_labelled(const std::string& folder);

// What the rules found, in the words of the labels.
Values values_of(const inbound::Enquiry& enquiry);

}  // namespace inbound_test
