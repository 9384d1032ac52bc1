// What the profile and the keys tell each room of the house.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "api/pipeline.hpp"
#include "auth/options.hpp"
#include "config/profile.hpp"
#include "http/server.hpp"
#include "mail_in/listener.hpp"
#include "mail_in/mail_in.hpp"
#include "plugins/installed.hpp"
#include "plugins/registry.hpp"
#include "redis/client.hpp"
#include "storage/blobs.hpp"
#include "storage/store.hpp"

namespace host::cli {

auth::Options auth_options(const config::Profile& profile, const config::Keys& keys);

// `data`: the data directory, where SQLite and files lie.
std::unique_ptr<storage::Store> store_of(const config::Profile& profile, const config::Keys& keys,
                                         const std::filesystem::path& data);
// `store` must outlive them.
std::unique_ptr<storage::Blobs> blobs_of(storage::Store& store, const config::Profile& profile,
                                         const config::Keys& keys,
                                         const std::filesystem::path& data);
// Null: the profile has no Redis.
std::unique_ptr<redis::Client> make_redis(const config::Profile& profile, const config::Keys& keys);

// Where the profile's plugins lie.
std::filesystem::path plugin_directory(const config::Profile& profile);
plugins::Installed::Setup installed_setup(storage::Store& store, const std::filesystem::path& data,
                                          const config::Profile& profile);
plugins::RegistryOptions registry_options(const plugins::Installed& installed,
                                          const config::Profile& profile,
                                          std::function<void()> on_change,
                                          std::function<void(pid_t)> on_stuck,
                                          std::function<void(const std::string&, bool)> on_switch);

http::Limits http_limits(const config::HttpLimits& from);
// "host:port" or "unix:/path".
http::ListenAddress listen_address(const std::string& address);
api::PipelineOptions pipeline_options(const config::Profile& profile);

mail_in::Options mail_in_options(const config::MailIn& from);
mail_in::ListenerOptions mail_listener_options(const config::Profile& profile);

}  // namespace host::cli
