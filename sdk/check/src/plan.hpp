// Which calls a check makes: the world's own requests, and calls made from the manifest's routes,
// services, events and jobs and their schemas. Replayable from the seed.
#pragma once

#include <vector>

#include <serai/check/random_json.hpp>

#include "house.hpp"

namespace serai::check {

class Plan {
 public:
  Plan(const testing::Manifest& manifest, const World& world, Random random)
      : manifest_(manifest), world_(world), random_(random) {}

  // Put into texts from now on; empty: none.
  void mark(std::string mark) { mark_ = std::move(mark); }

  // The world's requests and messages, then one of every route, service, event and scheduled job:
  // what makes first, what takes away last. All of them admissible.
  std::vector<Input> script();
  // Everything the manifest declares, once, as empty inputs to fill in.
  std::vector<Input> skeletons() const;

  // An admissible call of the kind of `skeleton`.
  Input valid(const Input& skeleton);
  // What a route never gets from the host, and a message may.
  Input invalid(const Input& skeleton);

  // Remembers the ids of an answer, so that later calls name things that exist.
  void learn(const Answer& answer);
  Random& random() { return random_; }

 private:
  Input from_world(const Json& request) const;
  Input message_from_world(const Json& message) const;
  void fill_path(Input& input, bool sane);
  std::string parameter();

  const testing::Manifest& manifest_;
  const World& world_;
  Random random_;
  std::string mark_;
  std::vector<std::string> ids_;
};

// Sends the script, running queued jobs in between, and judges every answer. The answers.
std::vector<Answer> run_script(House& house, Plan& plan, const std::vector<Input>& script,
                               const Who& who);
// Everybody's permissions, as tenant-a's alice.
Who everybody(const House& house);

}  // namespace serai::check
