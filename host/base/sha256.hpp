// SHA-256 (FIPS 180-4), by OpenSSL, which has it in the processor's own instructions: four times as
// fast over many bytes as plain C.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct evp_md_ctx_st;

namespace host {

// A value, for one thread at a time. Throws std::runtime_error if OpenSSL cannot.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256& other);
  Sha256(Sha256&& other) noexcept = default;
  Sha256& operator=(Sha256 other) noexcept {
    context_ = std::move(other.context_);
    return *this;
  }
  ~Sha256() = default;
  void add(std::string_view bytes);
  // 64 lower-case hex digits, of all so far; more may be added.
  std::string digits() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// The digits of that alone.
std::string sha256_digits(std::string_view bytes);

}  // namespace host
