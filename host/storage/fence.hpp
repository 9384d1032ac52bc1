// "Effects once": work that somebody else may take over (a job whose lease has ended, a request
// that its client repeats) must not commit once that has happened. A fence is asked last of all
// inside of each transaction that the work commits, so that either it still holds the work, or
// nothing of the transaction remains.
#pragma once

#include <memory>

#include "storage/sql.hpp"

namespace host::storage {

class Fence {
 public:
  virtual ~Fence() = default;
  // In the transaction, on a session that is not confined: writes, so that nobody can take over
  // before the commit. False: somebody has.
  virtual bool hold(Session& session) const = 0;
};

// Puts the fence around whatever plugins write on this thread until the scope ends. Scopes nest:
// the innermost counts.
class FenceScope {
 public:
  explicit FenceScope(const Fence& fence);
  ~FenceScope();
  FenceScope(const FenceScope&) = delete;
  FenceScope& operator=(const FenceScope&) = delete;

  static const Fence* of_this_thread();

 private:
  const Fence* outer_;
};

// `session`, whose commits ask `fence` (outlives it), single writing statements as well. One that
// does not hold any more is Problem(409 taken_over), with nothing written.
std::unique_ptr<Session> fenced(std::unique_ptr<Session> session, const Fence& fence);

}  // namespace host::storage
