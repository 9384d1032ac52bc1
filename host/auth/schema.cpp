#include "auth/schema.hpp"

namespace host::auth {
namespace {

// Ids are unguessable and unique across tenants, yet every statement also names the tenant: a
// mistake in one of the two must not be enough.
constexpr const char* kUp = R"(
CREATE TABLE auth_users (
  id text NOT NULL,
  tenant_id text NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  phone text NOT NULL,
  role text NOT NULL,
  status text NOT NULL,
  password text NOT NULL,
  totp_secret text NOT NULL,
  totp_pending text NOT NULL,
  totp_counter bigint NOT NULL,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL,
  last_login_at timestamp,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX auth_users_by_email ON auth_users (tenant_id, email);
CREATE INDEX auth_users_email ON auth_users (email);

CREATE TABLE auth_sessions (
  id text NOT NULL,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  current_hash text NOT NULL,
  previous_hash text NOT NULL,
  salt text NOT NULL,
  revoked text NOT NULL,
  created_at timestamp NOT NULL,
  rotated_at timestamp NOT NULL,
  expires_at timestamp NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX auth_sessions_by_user ON auth_sessions (tenant_id, user_id);

CREATE TABLE auth_invitations (
  id text NOT NULL,
  tenant_id text NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  token_hash text NOT NULL,
  state text NOT NULL,
  invited_by text NOT NULL,
  created_at timestamp NOT NULL,
  expires_at timestamp NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX auth_invitations_by_token ON auth_invitations (token_hash);
CREATE INDEX auth_invitations_by_tenant ON auth_invitations (tenant_id, state);

CREATE TABLE auth_resets (
  token_hash text NOT NULL,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  created_at timestamp NOT NULL,
  expires_at timestamp NOT NULL,
  PRIMARY KEY (token_hash)
);
CREATE INDEX auth_resets_by_user ON auth_resets (tenant_id, user_id);

CREATE TABLE auth_recovery_codes (
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  code_hash text NOT NULL,
  PRIMARY KEY (tenant_id, user_id, code_hash)
);

CREATE TABLE auth_api_keys (
  id text NOT NULL,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  key_hash text NOT NULL,
  scopes json NOT NULL,
  revoked text NOT NULL,
  created_at timestamp NOT NULL,
  expires_at timestamp,
  PRIMARY KEY (id)
);
CREATE INDEX auth_api_keys_by_tenant ON auth_api_keys (tenant_id);

CREATE TABLE auth_roles (
  tenant_id text NOT NULL,
  name text NOT NULL,
  permissions json NOT NULL,
  PRIMARY KEY (tenant_id, name)
);
)";

constexpr const char* kDown = R"(
DROP TABLE auth_roles;
DROP TABLE auth_api_keys;
DROP TABLE auth_recovery_codes;
DROP TABLE auth_resets;
DROP TABLE auth_invitations;
DROP TABLE auth_sessions;
DROP TABLE auth_users;
)";

}  // namespace

storage::MigrationSet schema() { return {"auth", {{1, "create_accounts", kUp, kDown}}}; }

}  // namespace host::auth
