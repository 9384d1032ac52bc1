// Two houses, one on SQLite and one on PostgreSQL, and a tenant with something of everything:
// documents with their files and search, questions answered, notes with jobs, a secret, a
// colleague.
#pragma once

#include <string>
#include <vector>

#include "e2e/help_desk.hpp"
#include "e2e/running_host.hpp"

namespace serai_test {

enum class Engine { sqlite, postgres };

RunningHost::Options house_on(Engine engine, std::vector<std::string> plugins = {
                                                 "ai", "knowledge", "helpdesk", "probe"});

struct Tenant {
  Person owner;
  std::string document, file;  // its id, its bytes
  std::string mark;            // stands in the document, a note, the secret and a name
};
// Everything of it carries its mark.
Tenant furnish(RunningHost& host, const std::string& id);

// Logs in and finds everything again.
void expect_everything(const RunningHost& host, Tenant& tenant);

// Rows and hash of each table, as the house says.
nlohmann::json fingerprint(const RunningHost& host, const std::string& tenant);
// Without what a house counts by itself from one moment to the next.
nlohmann::json own_rows(nlohmann::json fingerprint);

std::string status_of(const RunningHost& host, const std::string& tenant);
Answer add_note(const RunningHost& host, const Person& person, const std::string& text);
// The job that each note has queued.
bool all_jobs_ran(const RunningHost& host, const Person& person);
std::string notes_of(const RunningHost& host, const Person& person);

// `serai tenant move` from one to the other.
CommandResult move(const RunningHost& from, const RunningHost& to, const std::string& tenant);
// The same to where the other is said to be; `patience` with its silence in seconds.
CommandResult move(const RunningHost& from, const RunningHost& to, const std::string& tenant,
                   const std::string& address, int patience = 60);

// Lets people in, and takes what they write.
bool serves(const RunningHost& host, Tenant& tenant);

// A file with this content, below the host's directory.
std::string secret_file(const RunningHost& host, const std::string& content);

}  // namespace serai_test
