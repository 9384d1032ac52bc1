// Why a plugin could not be loaded.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "trust/policy.hpp"

namespace host::plugins {

// One sentence for the operator.
class LoadError : public std::exception {
 public:
  explicit LoadError(std::string sentence) : sentence_(std::move(sentence)) {}
  const char* what() const noexcept override { return sentence_.c_str(); }

 private:
  std::string sentence_;
};

// The same, because nobody who is trusted vouches for these bytes.
class TrustError : public LoadError {
 public:
  TrustError(std::string sentence, trust::Verdict verdict)
      : LoadError(std::move(sentence)), verdict_(std::move(verdict)) {}
  const trust::Verdict& verdict() const { return verdict_; }  // what could be found out

 private:
  trust::Verdict verdict_;
};

}  // namespace host::plugins
