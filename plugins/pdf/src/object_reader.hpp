// One JSON object of a document, read strictly: a member of the wrong type, out of its bounds or of
// a name nobody asked for is a fault with its JSON pointer.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <serai/json.hpp>

namespace pdf {

class ObjectReader {
 public:
  ObjectReader(const serai::Json& object, std::string pointer,
               std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const;
  const serai::Json& at(std::string_view name) const;  // fault if it is missing
  std::string pointer(std::string_view name) const;
  [[noreturn]] void fault(std::string_view name, const std::string& sentence) const;

  std::string text(std::string_view name, std::size_t most = 4000) const;  // "" where missing
  std::string required_text(std::string_view name, std::size_t most = 4000) const;
  double number(std::string_view name, double least, double most, double otherwise) const;
  int integer(std::string_view name, int least, int most, int otherwise) const;
  bool flag(std::string_view name) const;  // false where missing
  // One of the words, by its place; 0 where missing.
  std::size_t word(std::string_view name, std::initializer_list<std::string_view> words) const;
  const serai::Json& array(std::string_view name, std::size_t most) const;

 private:
  const serai::Json& object_;
  std::string pointer_;
};

// UTF-8 without control characters; carriage returns are dropped, tabs become spaces.
std::string clean_text(const serai::Json& value, const std::string& pointer, std::size_t most);

}  // namespace pdf
