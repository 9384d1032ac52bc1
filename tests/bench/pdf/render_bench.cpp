// bench_pdf DOCUMENT.json OUTPUT.pdf ROUNDS: renders once, writes that, then again and again; one
// line each with its milliseconds, JSON included.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "document_reader.hpp"
#include "engine.hpp"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::ifstream file(argv[1]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  pdf::Engine engine;
  const auto render = [&] {
    const auto json = serai::parse_json(text);
    return engine.render(pdf::read_document(json, {}, {}), [] {});
  };
  try {
    const auto first = render();
    std::ofstream(argv[2], std::ios::binary) << first;
    for (int i = 0; i < std::atoi(argv[3]); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      if (render() != first) throw std::runtime_error("The same document gave other bytes");
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - begin;
      std::cout << took.count() << '\n';
    }
  } catch (const serai::Problem& problem) {
    std::cerr << problem.detail << '\n';
    for (const auto& error : problem.errors)
      std::cerr << error.pointer << ": " << error.detail << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
