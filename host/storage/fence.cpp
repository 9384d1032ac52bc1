#include "storage/fence.hpp"

#include <stdexcept>

#include "base/problem.hpp"
#include "storage/sql_text.hpp"

namespace host::storage {
namespace {

thread_local const Fence* current = nullptr;

bool reads_only(std::string_view sql) {
  const auto tokens = tokenize(sql);
  return !tokens.empty() && (tokens[0].is("select") || tokens[0].is("values"));
}

class FencedSession final : public Session {
 public:
  FencedSession(std::unique_ptr<Session> inner, const Fence& fence)
      : inner_(std::move(inner)), fence_(fence) {}

  using Session::execute;
  using Session::query;
  Rows query(std::string_view sql, std::span<const Value> values, std::size_t max_rows) override {
    if (depth_ > 0 || reads_only(sql)) return inner_->query(sql, values, max_rows);
    Transaction transaction(*this);
    Rows rows = inner_->query(sql, values, max_rows);
    transaction.commit();
    return rows;
  }
  std::int64_t execute(std::string_view sql, std::span<const Value> values) override {
    if (depth_ > 0) return inner_->execute(sql, values);
    Transaction transaction(*this);
    const auto changed = inner_->execute(sql, values);
    transaction.commit();
    return changed;
  }

  std::int64_t execute_many(std::string_view sql, std::size_t rows,
                            std::span<const Value> values) override {
    return inner_->execute_many(sql, rows, values);
  }

  void begin() override {
    inner_->begin();
    ++depth_;
  }
  void commit() override {
    if (depth_ == 1) hold();
    inner_->commit();
    --depth_;
  }
  void rollback() noexcept override {
    inner_->rollback();
    if (depth_ > 0) --depth_;
  }
  bool in_transaction() const override { return inner_->in_transaction(); }

  void confine(std::string_view prefix) override { inner_->confine(prefix); }
  std::string confined_to() const override { return inner_->confined_to(); }
  std::string_view tenant() const override { return inner_->tenant(); }
  void set_deadline(Deadline deadline) override { inner_->set_deadline(deadline); }
  void announce(std::string_view topic, std::string_view what) override {
    inner_->announce(topic, what);
  }
  bool shared() const override { return inner_->shared(); }
  void only_read() override { inner_->only_read(); }
  void defer_durability() override { inner_->defer_durability(); }

 private:
  void hold() {
    const HostAccess host(*inner_);
    if (fence_.hold(*inner_)) return;
    throw conflict("taken_over", "Somebody else has taken this work over; nothing was written.");
  }

  std::unique_ptr<Session> inner_;
  const Fence& fence_;
  int depth_ = 0;
};

}  // namespace

FenceScope::FenceScope(const Fence& fence) : outer_(current) { current = &fence; }
FenceScope::~FenceScope() { current = outer_; }
const Fence* FenceScope::of_this_thread() { return current; }

std::unique_ptr<Session> fenced(std::unique_ptr<Session> session, const Fence& fence) {
  return std::make_unique<FencedSession>(std::move(session), fence);
}

}  // namespace host::storage
