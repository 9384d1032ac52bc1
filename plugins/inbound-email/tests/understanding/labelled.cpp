#include "labelled.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "message/html_text.hpp"
#include "message/reply_text.hpp"

namespace inbound_test {
namespace {

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, mark);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

inbound::Day day_of(const std::string& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  char first = 0;
  char second = 0;
  std::istringstream in(text);
  if (!(in >> year >> first >> month >> second >> day) || first != '-' || second != '-') {
    throw std::runtime_error("no day: " + text);
  }
  const auto made = inbound::valid(year, month, day);
  if (!made) throw std::runtime_error("no such day: " + text);
  return *made;
}

std::string text_of(inbound::Day day) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

// Any two of arrival, departure and nights give the third.
void complete(Values& values) {
  const bool in = values.contains("in");
  const bool out = values.contains("out");
  const bool nights = values.contains("nights");
  if (in && out) {
    values["nights"] = {std::to_string(
        inbound::days_between(day_of(values["in"].front()), day_of(values["out"].front())))};
  } else if (in && nights) {
    values["out"] = {text_of(
        inbound::plus_days(day_of(values["in"].front()), std::stoi(values["nights"].front())))};
  }
  if (in) values.erase("month");
}

LabelledMail read_one(const std::string& block, const std::string& file) {
  std::istringstream in(block);
  LabelledMail labelled;
  labelled.mail.received = day_of("2026-03-10");
  std::string line;
  std::getline(in, labelled.id);
  const auto fail = [&](const std::string& what) {
    throw std::runtime_error(file + ", " + labelled.id + ": " + what);
  };
  std::getline(in, line);
  if (!line.starts_with(">> ")) fail("no labels");
  const auto labels = split(line.substr(3), ' ');
  if (labels.size() < 2) fail("no language and kind");
  labelled.language = labels[0];
  labelled.enquiry = labels[1] == "enquiry";
  if (!labelled.enquiry && labels[1] != "other") fail("neither enquiry nor other");
  static const std::set<std::string> known = {"dest",   "in",       "out",   "nights", "month",
                                              "adults", "children", "ages",  "rooms",  "budget",
                                              "hotel",  "board",    "wishes"};
  for (std::size_t i = 2; i < labels.size(); ++i) {
    const auto equals = labels[i].find('=');
    const auto name = labels[i].substr(0, equals);
    if (equals == std::string::npos || !known.contains(name)) fail("unknown label " + labels[i]);
    labelled.expected[name] = split(labels[i].substr(equals + 1), ',');
  }
  complete(labelled.expected);
  bool html = false;
  while (std::getline(in, line) && !line.empty()) {
    if (line.starts_with("Subject: ")) {
      labelled.mail.subject = line.substr(9);
    } else if (line.starts_with("Received: ")) {
      labelled.mail.received = day_of(line.substr(10));
    } else if (line == "Format: html") {
      html = true;
    } else {
      fail("unknown line " + line);
    }
  }
  std::string body;
  while (std::getline(in, line)) body += line + "\n";
  if (html) body = inbound::html_to_text(body);
  labelled.mail.body = inbound::split_reply(body).text;
  return labelled;
}

std::string slug(const std::string& name) {
  std::string out = inbound::fold(name);
  std::replace(out.begin(), out.end(), ' ', '-');
  return out;
}

}  // namespace

std::vector<LabelledMail> read_labelled(const std::string& folder) {
  std::vector<LabelledMail> mails;
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream in(path);
    std::stringstream all;
    all << in.rdbuf();
    const auto text = "\n" + all.str();
    static const std::string mark = "\n=== ";
    for (auto at = text.find(mark); at != std::string::npos;) {
      const auto next = text.find(mark, at + 1);
      const auto begin = at + mark.size();
      mails.push_back(read_one(text.substr(begin, next == std::string::npos ? next : next - begin),
                               path.filename()));
      at = next;
    }
  }
  return mails;
}

Values values_of(const inbound::Enquiry& enquiry) {
  Values values;
  const auto number = [&](const char* name, const inbound::Field<int>& field) {
    if (field) values[name] = {std::to_string(field->value)};
  };
  for (const auto& place : enquiry.destinations) values["dest"].push_back(slug(place.value));
  for (const auto& hotel : enquiry.hotels) values["hotel"].push_back(slug(hotel.value));
  for (const auto& wish : enquiry.wishes) values["wishes"].push_back(wish.value);
  for (const auto& age : enquiry.children_ages) values["ages"].push_back(std::to_string(age.value));
  if (enquiry.check_in) values["in"] = {text_of(enquiry.check_in->value)};
  if (enquiry.check_out) values["out"] = {text_of(enquiry.check_out->value)};
  if (enquiry.month) {
    values["month"] = {text_of(enquiry.month->value / std::chrono::day{1}).substr(0, 7)};
  }
  number("nights", enquiry.nights);
  number("adults", enquiry.adults);
  number("children", enquiry.children);
  number("rooms", enquiry.rooms);
  if (enquiry.board) values["board"] = {enquiry.board->value};
  if (enquiry.budget) {
    const auto& budget = enquiry.budget->value;
    values["budget"] = {std::to_string(budget.amount) +
                        (budget.currency.empty() ? "?" : budget.currency) +
                        (budget.per_person ? "/pp" : "/total")};
  }
  return values;
}

}  // namespace inbound_test
