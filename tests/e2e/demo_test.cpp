// What a stranger does in the first quarter of an hour: `serve --demo` on the shipped profile, the
// printed lines, the questions of the demo, documents of their own.
#include <algorithm>
#include <cctype>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "e2e/help_desk.hpp"
#include "e2e/office_files.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Letter case and runs of white space do not matter.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!std::isspace(byte))
      out += static_cast<char>(std::tolower(byte));
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

class Demo : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    SeraiProcess::Options options;
    options.profile = shipped_profile("minimal.yaml", directory_->path());
    options.environment = database_environment();
    options.data = directory_->path() / "data";
    options.arguments = {"--demo", "--demo-content", SERAI_SOURCE_DIRECTORY "/packaging/demo"};
    host_ = std::make_unique<SeraiProcess>(options);
    const auto demo = host_->demo();
    const auto login = host_->client().post(
        "/api/v1/auth/login", {{"email", demo["email"]}, {"password", demo["password"]}});
    if (login.status != 200) throw std::runtime_error(login.body);
    token_ = login.json()["access_token"];
  }
  static void TearDownTestSuite() {
    host_.reset();
    directory_.reset();
  }
  static HttpClient owner() { return host_->client().bearer(token_); }
  static YAML::Node questions() {
    return YAML::LoadFile(SERAI_SOURCE_DIRECTORY "/packaging/demo/questions.yaml");
  }

  static std::unique_ptr<TemporaryDirectory> directory_;
  static std::unique_ptr<SeraiProcess> host_;
  static std::string token_;
};
std::unique_ptr<TemporaryDirectory> Demo::directory_;
std::unique_ptr<SeraiProcess> Demo::host_;
std::string Demo::token_;

TEST_F(Demo, keeps_its_login_from_other_users_of_the_machine) {
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(directory_->path() / "data" / "demo.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(host_->log(), Not(HasSubstr(host_->demo()["password"].get<std::string>())));
}

TEST_F(Demo, has_all_documents_indexed_when_it_says_that_it_serves) {
  const auto list = owner().get("/api/v1/knowledge/documents?limit=100").json();
  const auto files = std::distance(
      std::filesystem::directory_iterator(SERAI_SOURCE_DIRECTORY "/packaging/demo/documents"), {});
  EXPECT_EQ(list["count"], files);
  for (const auto& document : list["data"])
    EXPECT_EQ(document["status"], "indexed") << document["original_filename"];
}

TEST_F(Demo, answers_its_questions_from_the_right_document) {
  int good = 0;
  for (const auto& item : questions()["answerable"]) {
    const auto question = item["question"].as<std::string>();
    const auto answer = ask(owner(), question);
    const bool source = has_source(answer, item["document"].as<std::string>());
    const bool phrase =
        plain(answer["answer"]).find(plain(item["phrase"].as<std::string>())) != std::string::npos;
    if (source && phrase) {
      ++good;
      continue;
    }
    std::cout << "not answered: " << question << (source ? "" : " [document is no source]")
              << (phrase ? "" : " [phrase is not in the answer]") << "\n  " << answer["answer"]
              << '\n';
  }
  std::cout << good << " of " << questions()["answerable"].size() << " answered\n";
  EXPECT_GE(good, 22);
}

TEST_F(Demo, says_so_when_no_document_holds_the_answer) {
  int honest = 0;
  for (const auto& item : questions()["unanswerable"]) {
    const auto question = item["question"].as<std::string>();
    const auto answer = ask(owner(), question);
    if (answer["method"] == "no_answer") {
      ++honest;
      EXPECT_TRUE(answer["sources"].empty()) << question;
    } else {
      std::cout << "made something up: " << question << "\n  " << answer["answer"] << '\n';
    }
  }
  std::cout << honest << " of " << questions()["unanswerable"].size() << " said to be unknown\n";
  EXPECT_GE(honest, 4);
}

TEST_F(Demo, prints_lines_that_work_when_they_are_pasted) {
  const std::string end = R"x(| sed 's/.*"url":"\([^"]*\)".*/\1/')x";
  const auto printed = host_->printed_until(end);
  const auto begin = printed.find("# 1. Sign in");
  ASSERT_NE(begin, printed.npos) << printed;
  auto lines = printed.substr(begin, printed.find(end) + end.size() - begin);
  // Between the third and the fourth a person takes a moment; a script waits for the same.
  const auto fourth = lines.find("# 4.");
  ASSERT_NE(fourth, lines.npos);
  lines.insert(fourth,
               "until curl -sS '" + host_->url() +
                   "/api/v1/knowledge/documents?status=indexed&limit=100' "
                   "-H \"Authorization: Bearer $TOKEN\" | grep -q office-dog; do :; done\n");
  const auto result = shell("set -e\n" + lines);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("30 %"));
  EXPECT_THAT(result.output, HasSubstr("half past three"));
  const auto page = result.output.find("/api/v1/mail/sink/");
  ASSERT_NE(page, result.output.npos) << result.output;
  const auto path = result.output.substr(page, result.output.find('\n', page) - page);
  EXPECT_EQ(host_->client().get(path).status, 200) << path;
  std::filesystem::remove("/tmp/office-dog.md");
}

// One document of each type people have: found after it is indexed, by nobody else, and forgotten
// when it is deleted.
struct Kind {
  const char* extension;
  const char* content_type;
  std::string (*make)(const std::string& heading, const std::string& sentence);
};

const std::vector<Kind> kKinds{
    {"md", "text/markdown",
     [](const std::string& h, const std::string& s) { return "# " + h + "\n\n" + s + "\n"; }},
    {"txt", "text/plain",
     [](const std::string& h, const std::string& s) { return h + "\n\n" + s + "\n"; }},
    {"html", "text/html",
     [](const std::string& h, const std::string& s) {
       return "<!doctype html><html><head><title>" + h + "</title></head><body><h1>" + h +
              "</h1><p>" + s + "</p></body></html>";
     }},
    {"pdf", "application/pdf", pdf_with},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx_with}};

class OwnDocument : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"ai", "knowledge", "helpdesk"};
    host_ = std::make_unique<RunningHost>(options);
    owner_ = host_->make_tenant("uploading");
    stranger_ = host_->make_tenant("stranger");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_, stranger_;
};
std::unique_ptr<RunningHost> OwnDocument::host_;
Person OwnDocument::owner_, OwnDocument::stranger_;

TEST_F(OwnDocument, of_every_type_is_found_by_its_tenant_alone_and_forgotten_when_deleted) {
  const auto mine = host_->client(owner_), theirs = host_->client(stranger_);
  for (const auto& kind : kKinds) {
    SCOPED_TRACE(kind.extension);
    const auto name = new_marker("Quag");  // the lodge's name stands in this document only
    const auto price = "R" + std::to_string(1000 + std::hash<std::string>{}(name) % 9000);
    const auto file = "lodge." + std::string(kind.extension);
    const auto question = "What does the " + name + " lodge charge for parking?";
    EXPECT_EQ(ask(mine, question)["method"], "no_answer");
    const auto id =
        upload(mine, {file, kind.content_type,
                      kind.make("The " + name + " lodge", "The " + name + " lodge charges " +
                                                              price + " for parking per night.")});
    const auto document = settled(mine, id);
    ASSERT_EQ(document["status"], "indexed") << document;
    EXPECT_EQ(document["file_type"], kind.extension);
    EXPECT_GE(document["chunk_count"], 1);

    const auto answer = ask(mine, question);
    EXPECT_THAT(answer["answer"].get<std::string>(), HasSubstr(price));
    EXPECT_TRUE(has_source(answer, file)) << answer;

    EXPECT_THAT(theirs.get("/api/v1/knowledge/documents").body, Not(HasSubstr(id)));
    for (const auto& path :
         {"/api/v1/knowledge/documents/" + id, "/api/v1/knowledge/documents/" + id + "/download"})
      EXPECT_EQ(theirs.get(path).status, 404) << path;
    EXPECT_EQ(theirs.remove("/api/v1/knowledge/documents/" + id).status, 404);
    EXPECT_THAT(theirs.post("/api/v1/knowledge/search", {{"query", name}}).body,
                Not(HasSubstr(price)));
    const auto foreign = ask(theirs, question);
    EXPECT_EQ(foreign["method"], "no_answer");
    EXPECT_THAT(foreign.dump(), Not(HasSubstr(price)));

    const auto download = mine.get("/api/v1/knowledge/documents/" + id + "/download");
    EXPECT_EQ(download.status, 200);
    EXPECT_THAT(download.headers.at("content-disposition"), HasSubstr(file));
    EXPECT_THAT(download.headers.at("content-disposition"), HasSubstr("attachment"));

    EXPECT_EQ(mine.remove("/api/v1/knowledge/documents/" + id).status, 200);
    EXPECT_EQ(mine.get("/api/v1/knowledge/documents/" + id).status, 404);
    const auto after = ask(mine, question);
    EXPECT_EQ(after["method"], "no_answer");
    EXPECT_THAT(after.dump(), Not(HasSubstr(price)));
    EXPECT_THAT(mine.post("/api/v1/knowledge/search", {{"query", name}}).body,
                Not(HasSubstr(price)));
  }
}

TEST_F(OwnDocument, that_cannot_be_read_says_so_and_harms_nobody) {
  const auto client = host_->client(owner_);
  const auto broken = client.upload("/api/v1/knowledge/documents",
                                    {"file", "broken.pdf", "application/pdf", "%PDF-1.4\nnothing"});
  if (broken.status == 201) {
    const auto document = settled(client, broken.json()["data"]["document_id"]);
    EXPECT_EQ(document["status"], "failed");
    EXPECT_FALSE(document["error"].get<std::string>().empty());
  } else {
    EXPECT_GE(broken.status, 400);
    EXPECT_LT(broken.status, 500);
  }
  const auto program = client.upload("/api/v1/knowledge/documents",
                                     {"file", "setup.exe", "application/octet-stream", "MZ\x90"});
  EXPECT_GE(program.status, 400);
  EXPECT_LT(program.status, 500);
  EXPECT_EQ(client.send("POST", "/api/v1/knowledge/documents", "").status / 100, 4);
}

}  // namespace
}  // namespace serai_test
