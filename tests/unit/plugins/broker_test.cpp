// Host calls as a plugin's process could send them, against the memory they may take here.
#include "plugins/isolated/broker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "isolation/wire.hpp"

namespace host::plugins {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Broker, takes_no_more_values_than_a_statement_can_have) {
  std::string message, answer;
  isolation::Encoder to(message);
  to.number<serai_call>(0);
  to.number<std::uint8_t>(0);  // a result is wanted
  to.text(std::string_view("SELECT 1"));
  to.number<std::uint64_t>(1);               // rows
  to.number<std::uint32_t>((1u << 22) + 1);  // values
  to.number<std::uint8_t>(1);                // given
  EXPECT_THAT(
      [&] { broker(static_cast<std::uint32_t>(isolation::Function::sql_query), message, answer); },
      ThrowsMessage<isolation::BadMessage>(HasSubstr("too many values")));
}

}  // namespace
}  // namespace host::plugins
