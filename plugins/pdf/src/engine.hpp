// One document to one PDF. Any number of threads at once: each takes a typesetter for as long as it
// works, and gives it back with the fonts it has opened.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "checkpoint.hpp"
#include "document.hpp"

namespace pdf {

class FontBook;
class Typesetter;

class Engine {
 public:
  Engine();
  ~Engine();

  std::string render(const Document& document, const Checkpoint& checkpoint);

 private:
  std::unique_ptr<Typesetter> take();
  void give_back(std::unique_ptr<Typesetter> typesetter);

  std::unique_ptr<FontBook> book_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Typesetter>> idle_;
};

}  // namespace pdf
