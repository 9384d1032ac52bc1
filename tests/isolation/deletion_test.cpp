// After a tenant is deleted no byte of it is left: not in a table, not in a free page of a
// database, not in a log of writes, a blob, an index or a mail that waits.
#include <algorithm>

#include <gtest/gtest.h>

#include "isolation/two_tenants.hpp"

namespace isolation {
namespace {

using serai_test::RunningHost;

bool contains(std::string bytes, const std::string& word) {
  const auto lower = [](unsigned char c) { return static_cast<char>(std::tolower(c)); };
  std::transform(bytes.begin(), bytes.end(), bytes.begin(), lower);
  return bytes.find(word) != bytes.npos;
}

std::string base64(const std::string& text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    const auto three = static_cast<unsigned char>(text[i]) << 16 |
                       static_cast<unsigned char>(text[i + 1]) << 8 |
                       static_cast<unsigned char>(text[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) out += kAlphabet[three >> shift & 63];
  }
  return out;
}

// Files under `directory` that hold the marker, as it is or as mails encode it.
std::vector<std::string> files_with(const std::filesystem::path& directory,
                                    const std::string& marker) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const auto name = std::filesystem::relative(entry.path(), directory).string();
    if (contains(name, marker)) found.push_back(name + " (its name)");
    if (!entry.is_regular_file()) continue;
    const auto bytes = serai_test::read_file(entry.path());
    bool encoded = false;
    for (std::size_t skip = 0; skip < 3; ++skip)
      encoded = encoded || bytes.find(base64(marker.substr(skip))) != bytes.npos;
    if (contains(bytes, marker) || encoded) found.push_back(name);
  }
  return found;
}

std::string text_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += "\n  " + name;
  return text;
}

class Deletion : public testing::Test {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"probe", "ai", "knowledge", "helpdesk"};
    return out;
  }

  RunningHost host_{options()};
};

TEST_F(Deletion, leaves_nothing_of_the_tenant_in_the_data_directory) {
  const auto leaving = furnish(host_, "leaving"), staying = furnish(host_, "staying");
  const auto before = files_with(host_.data(), leaving.marker);
  ASSERT_GE(before.size(), 3U) << "the scan finds nothing, so it proves nothing:"
                               << text_of(before);
  ASSERT_EQ(host_.admin().remove("/api/v1/admin/tenants/leaving?confirm=true").status, 200);
  const auto meanwhile = files_with(host_.data(), leaving.marker);
  EXPECT_TRUE(meanwhile.empty()) << "while the host runs:" << text_of(meanwhile);
  EXPECT_EQ(host_.stop(), 0);
  const auto after = files_with(host_.data(), leaving.marker);
  EXPECT_TRUE(after.empty()) << "after the host has stopped:" << text_of(after);
  EXPECT_GE(files_with(host_.data(), staying.marker).size(), 3U);
}

TEST_F(Deletion, survives_a_crash_right_after_its_answer) {
  const auto leaving = furnish(host_, "leaving");
  ASSERT_EQ(host_.admin().remove("/api/v1/admin/tenants/leaving?confirm=true").status, 200);
  host_.kill();
  host_.start();
  EXPECT_EQ(host_.admin().get("/api/v1/admin/tenants/leaving").status, 404);
  EXPECT_EQ(host_.client(leaving.owner).get("/api/v1/auth/me").status, 401);
  EXPECT_EQ(host_.stop(), 0);
  const auto after = files_with(host_.data(), leaving.marker);
  EXPECT_TRUE(after.empty()) << text_of(after);
}

TEST_F(Deletion, of_one_leaves_the_others_answers_as_they_were) {
  furnish(host_, "leaving");
  const auto staying = furnish(host_, "staying");
  const auto client = host_.client(staying.owner);
  const auto documents = client.get("/api/v1/knowledge/documents").body;
  ASSERT_EQ(host_.admin().remove("/api/v1/admin/tenants/leaving?confirm=true").status, 200);
  EXPECT_EQ(client.get("/api/v1/knowledge/documents").body, documents);
  const auto answer = serai_test::ask(client, "What does the Quagga lodge charge?");
  EXPECT_NE(answer.dump().find(staying.marker), std::string::npos) << answer;
}

}  // namespace
}  // namespace isolation
