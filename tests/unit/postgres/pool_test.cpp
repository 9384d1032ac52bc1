// Whose turn it is when there are more callers than connections.
#include "storage/postgres/pool.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage::postgres {
namespace {

using Use = Pool::Use;

struct ConnectionPool : ::testing::Test {
  // Begins to wait for a connection, and writes down that it has got one.
  std::thread caller(Pool& pool, Use use, char name) {
    const auto before = pool.waiting();
    std::thread thread([this, &pool, use, name] {
      const auto lease = pool.take(use, Deadline::max());
      const std::lock_guard lock(mutex);
      served += name;
    });
    while (pool.waiting() == before) std::this_thread::yield();
    return thread;
  }

  testing::PostgresHouse house;
  std::mutex mutex;
  std::string served;
};

TEST_F(ConnectionPool, gives_to_those_who_wait_in_the_order_of_coming) {
  Pool pool(house.login(kTenantsRole), 1);
  std::vector<std::thread> callers;
  {
    const auto taken = pool.take(Use::read, Deadline::max());
    for (const char name : std::string("abcdefgh"))
      callers.push_back(caller(pool, name % 2 == 0 ? Use::read : Use::write, name));
    EXPECT_EQ(served, "");
  }
  for (auto& thread : callers) thread.join();
  EXPECT_EQ(served, "abcdefgh");
  EXPECT_EQ(pool.waiting(), 0U);
}

TEST_F(ConnectionPool, has_one_for_a_reader_while_writers_wait) {
  Pool pool(house.login(kTenantsRole), 2);
  std::thread writer;
  {
    const auto writing = pool.take(Use::write, Deadline::max());
    writer = caller(pool, Use::write, 'w');
    const auto reading = pool.take(Use::read, Deadline::max());
    EXPECT_EQ(served, "");
  }
  writer.join();
  EXPECT_EQ(served, "w");
}

TEST_F(ConnectionPool, forgets_who_gave_up) {
  Pool pool(house.login(kTenantsRole), 1);
  {
    const auto taken = pool.take(Use::read, Deadline::max());
    EXPECT_THROW(
        pool.take(Use::read, std::chrono::steady_clock::now() + std::chrono::milliseconds(20)),
        Problem);
    EXPECT_EQ(pool.waiting(), 0U);
  }
  pool.take(Use::read, Deadline::max());
}

}  // namespace
}  // namespace host::storage::postgres
