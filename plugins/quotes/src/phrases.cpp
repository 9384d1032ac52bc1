// See the header.
#include "phrases.hpp"

#include <algorithm>
#include <cstdio>

#include "store.hpp"

namespace quotes {
namespace {

using serai::Json;

struct Named {
  std::string_view code;
  std::string_view Words::*word;
};

// What pricing and items call things. Children of no price of their own are children all the same.
constexpr Named kRules[] = {
    {"adult_sharing", &Words::adult_sharing},    {"adult_single", &Words::adult_single},
    {"single_as_sharing", &Words::adult_single}, {"child", &Words::child},
    {"child_as_sharing", &Words::child},         {"infant", &Words::infant},
    {"flight_adult", &Words::flight_adult},      {"flight_child", &Words::flight_child},
    {"transfer_adult", &Words::transfer_adult},  {"transfer_child", &Words::transfer_child}};
constexpr Named kBoards[] = {{"RO", &Words::room_only},         {"SC", &Words::self_catering},
                             {"BB", &Words::bed_and_breakfast}, {"HB", &Words::half_board},
                             {"FB", &Words::full_board},        {"AI", &Words::all_inclusive}};
constexpr Named kKinds[] = {{"hotel", &Words::hotel},
                            {"activity", &Words::activity},
                            {"flight", &Words::flight},
                            {"transfer", &Words::transfer},
                            {"package", &Words::package}};
constexpr Named kMissing[] = {{"flights", &Words::flights}, {"transfers", &Words::transfers}};

template <std::size_t count>
std::string_view named(const Named (&all)[count], std::string_view code, const Words& words) {
  const auto* const found =
      std::find_if(all, all + count, [&](const Named& one) { return one.code == code; });
  return found == all + count ? code : words.*found->word;
}

// "4.5", "5".
std::string whole_or_not(const Json& number, const Forms& forms) {
  std::string text = number.dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  if (const auto point = text.find('.'); point != std::string::npos)
    text.replace(point, 1, forms.decimal);
  return text;
}

}  // namespace

std::string until_words(const serai::Call& call, const Quote& quote, const Language& language) {
  const auto end = parse_time(quote.expires_at);
  if (!end) return {};
  const auto local = zone_of(call).local(*end);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto minutes = (local - day).count();
  const auto words = [&](Day last) { return day_words(day_text(last), language.forms); };
  const Day last(day.time_since_epoch());
  // Midnight is the end of the day before.
  if (minutes == 0)
    return fill(language.words.until, {{"day", words(last - std::chrono::days(1))}});
  char time[32];
  (void)std::snprintf(time, sizeof time, "%02d:%02d", static_cast<int>(minutes / 60),
                      static_cast<int>(minutes % 60));
  return fill(language.words.until_time, {{"day", words(last)}, {"time", time}});
}

std::string period_words(const Quote& quote, const Language& language) {
  return fill(language.words.period, {{"from", day_words(quote.check_in, language.forms)},
                                      {"to", day_words(quote.check_out, language.forms)}});
}

std::string_view rule_words(std::string_view rule, const Words& words) {
  return named(kRules, rule, words);
}

std::string_view kind_words(std::string_view kind, const Words& words) {
  return named(kKinds, kind, words);
}

std::string stay_words(const Json& option, const Language& language) {
  const auto& [code, forms, words] = language;
  std::string text;
  const auto add = [&](std::string_view more) {
    if (!text.empty() && !more.empty()) text += ", ";
    text += more;
  };
  if (const Json room = option.value("room_type", Json()); room.is_string())
    add(room.get_ref<const std::string&>());
  if (const Json board = option.value("meal_plan", Json()); board.is_string())
    add(named(kBoards, board.get_ref<const std::string&>(), words));
  if (const Json nights = option.value("nights", Json()); nights.is_number_integer())
    add(counted(nights.get<std::int64_t>(), words.nights, forms));
  if (const Json stars = option.value("star_rating", Json()); stars.is_number())
    add(fill(form_for(stars.get<double>(), words.stars, forms),
             {{"count", whole_or_not(stars, forms)}}));
  return text;
}

std::vector<std::string> missing_words(const Json& option, const Words& words) {
  std::vector<std::string> sentences;
  for (const Json& missing : option.value("missing", Json::array()))
    sentences.push_back(
        fill(words.without, {{"what", named(kMissing, missing.get<std::string>(), words)}}));
  return sentences;
}

std::string_view total_words(const Quote& quote, const Words& words) {
  return quote.is_from ? words.total_from : words.total;
}

}  // namespace quotes
