// What one process remembers across tenants: the stuff of which most leaks are made. Without a leak
// switched on nothing of it is read, save what is meant to be public.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <serai/json.hpp>

struct Memory {
  std::mutex mutex;
  std::map<std::string, serai::Json> items;                   // by id
  std::map<std::string, std::vector<serai::Json>> by_tenant;  // items
  std::map<std::string, std::string> searches;                // answers, by question
  std::map<std::string, std::vector<serai::Json>> cursors;    // what is left of a list
  std::map<std::string, std::string> shared;                  // titles, by token
  std::string list, last_title, exported, newest, told;
  std::vector<std::string> waiting, recent;
  unsigned links = 0;
};
