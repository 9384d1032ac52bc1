// Documents for tests, and looks at PDFs with poppler's programs: another's eyes than ours.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include <serai/json.hpp>
#include <serai/problem.hpp>

#include "base64.hpp"
#include "document_reader.hpp"
#include "engine.hpp"

namespace pdf_test {

using serai::Json;

inline Json document(Json content) {
  return {{"title", "Quote QT-1"},
          {"language", "en"},
          {"date", "2026-11-22"},
          {"brand", {{"name", "Baobab Travel"}, {"font", "Noto Sans, DejaVu Sans"}}},
          {"content", std::move(content)}};
}

inline Json table(int rows) {
  Json lines = Json::array();
  for (int i = 1; i <= rows; ++i)
    lines.push_back(
        {"Row " + std::to_string(i), "Zuri Zanzibar", "R " + std::to_string(i) + ".00"});
  return {{"type", "table"},
          {"columns",
           {{{"title", "No"}},
            {{"title", "Stay"}, {"width", 1}},
            {{"title", "Amount"}, {"align", "end"}}}},
          {"rows", lines}};
}

inline pdf::Document read(const Json& json) {
  return pdf::read_document(
      json, {}, [](const std::string&) -> std::string { throw serai::not_found("The blob"); });
}

inline std::string render(const Json& json) {
  static pdf::Engine engine;
  return engine.render(read(json), [] {});
}

// The pointer of the fault that reading or rendering it finds; "none" if there is none.
inline std::string fault_of(const Json& json) {
  try {
    render(json);
  } catch (const serai::Problem& problem) {
    EXPECT_EQ(problem.status, 422) << problem.detail;
    return problem.errors.empty() ? problem.code : problem.errors.front().pointer;
  }
  return "none";
}

// What a program of poppler says of it: `command` reads standard input (-).
inline std::string ask(const std::string& command, const std::string& pdf) {
  const auto file =
      std::filesystem::temp_directory_path() / ("pdf-test-" + std::to_string(::getpid()) + ".pdf");
  std::ofstream(file, std::ios::binary) << pdf;
  std::string said;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      ::popen((command + " < " + file.string() + " 2>&1").c_str(), "r"), ::pclose);
  char piece[4096];
  for (std::size_t got = 0; (got = std::fread(piece, 1, sizeof piece, pipe.get())) > 0;)
    said.append(piece, got);
  std::filesystem::remove(file);
  return said;
}

inline std::string text_of(const std::string& pdf) { return ask("pdftotext -layout - -", pdf); }
inline std::string facts_of(const std::string& pdf) { return ask("pdfinfo -", pdf); }

inline std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

}  // namespace pdf_test
