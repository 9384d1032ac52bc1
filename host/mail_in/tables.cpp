#include "mail_in/tables.hpp"

namespace host::mail_in {

storage::MigrationSet tables() {
  return {"mail-in",
          {{1, "create_addresses_and_inbox",
            R"(
CREATE TABLE mail_in_addresses (
  address text NOT NULL,
  tenant text NOT NULL,
  assigned_at timestamp NOT NULL,
  assigned_by text NOT NULL,
  PRIMARY KEY (address)
);
CREATE INDEX mail_in_addresses_by_tenant ON mail_in_addresses (tenant);
CREATE TABLE mail_in_inbox (
  id uuid NOT NULL,
  fingerprint text NOT NULL,
  sender text NOT NULL,
  recipients json NOT NULL,
  subject text NOT NULL,
  via text NOT NULL,
  content_type text NOT NULL,
  size bigint NOT NULL,
  received_at timestamp NOT NULL,
  bytes blob NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX mail_in_inbox_once ON mail_in_inbox (fingerprint);
)",
            "DROP TABLE mail_in_inbox; DROP TABLE mail_in_addresses;"}}};
}

}  // namespace host::mail_in
