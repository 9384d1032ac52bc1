-- Makes a database ready for Serai: roles, schemas, functions. Run once by a superuser, again after
-- an upgrade of Serai (it changes nothing that is right already):
--
--   createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0 serai
--   psql --dbname=serai --file=setup.sql
--   psql --dbname=serai --command='\password serai_owner' --command='\password serai_app'
--
-- What each role is for stands in README.md beside this file. Serai itself never needs a superuser.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;

DO $$
BEGIN
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE EXCEPTION 'this database is encoded in %, Serai needs UTF8', current_setting('server_encoding');
  END IF;
  IF (SELECT datctype FROM pg_database WHERE datname = current_database()) IN ('C', 'POSIX') THEN
    RAISE EXCEPTION 'this database has the locale C, which knows no letters but ASCII; make it with --locale=C.UTF-8';
  END IF;
END
$$;

-- Roles belong to the whole server: several databases of Serai on one server share them.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['serai_owner', 'serai_app', 'serai_platform', 'serai_tenants', 'serai_nobody'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I', role);
    END IF;
    EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT %s', role,
                   CASE WHEN role IN ('serai_owner', 'serai_app') THEN 'LOGIN' ELSE 'NOLOGIN' END);
  END LOOP;
END
$$;
GRANT serai_platform, serai_tenants, serai_nobody TO serai_app;

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO serai_owner, serai_app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA IF NOT EXISTS serai;
CREATE SCHEMA IF NOT EXISTS serai_platform AUTHORIZATION serai_owner;
CREATE SCHEMA IF NOT EXISTS serai_tenants AUTHORIZATION serai_owner;
GRANT USAGE ON SCHEMA serai TO serai_owner, serai_platform, serai_tenants, serai_nobody;
GRANT USAGE ON SCHEMA serai_platform TO serai_platform, serai_tenants;
GRANT USAGE ON SCHEMA serai_tenants TO serai_tenants, serai_nobody;

-- What stands for uuid and timestamp (RFC 3339, UTC, microseconds), as on SQLite. The second's check says the same as
-- '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$' in a fraction of the time.
DO $$
BEGIN
  IF to_regtype('serai.uuid_text') IS NULL THEN
    CREATE DOMAIN serai.uuid_text AS text COLLATE "C" CHECK (pg_catalog.length(VALUE) = 36);
  END IF;
  IF to_regtype('serai.timestamp_text') IS NULL THEN
    CREATE DOMAIN serai.timestamp_text AS text COLLATE "C"
      CHECK (VALUE LIKE '____-__-__T__:__:__.______Z'
             AND pg_catalog.translate(VALUE, '0123456789', '') = '--T::.Z');
  END IF;
END
$$;

-- Functions that SQLite has under the same names with the same results. The schema stands before
-- pg_catalog in every search path.
CREATE OR REPLACE FUNCTION serai.serai_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(pg_catalog.current_setting('serai.tenant_id', true), '') $$;
CREATE OR REPLACE FUNCTION serai.now() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT pg_catalog.to_char(pg_catalog.statement_timestamp() AT TIME ZONE 'UTC',
                                  'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;
-- UUID version 7 (RFC 9562). One expression without FROM, which the planner takes into the statement: as a function of its
-- own it cost ten times as much.
CREATE OR REPLACE FUNCTION serai.gen_random_uuid() RETURNS text LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$
    SELECT overlay(pg_catalog.lpad(pg_catalog.to_hex(
                     (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint), 12, '0') PLACING '-' FROM 9 FOR 0)
           || '-7' || pg_catalog.substr(pg_catalog.gen_random_uuid()::text, 16)
  $$;
-- Columns compare by code point (COLLATE "C"), under which the built-in ones know only ASCII.
CREATE OR REPLACE FUNCTION serai.lower(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT pg_catalog.lower($1 COLLATE "default") $$;
CREATE OR REPLACE FUNCTION serai.upper(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT pg_catalog.upper($1 COLLATE "default") $$;

-- The one thing the owner cannot do by itself: a role for a plugin, named and equipped by us alone.
CREATE OR REPLACE FUNCTION serai.ensure_plugin_role(prefix text) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  role text := 'serai_plugin_' || prefix;
BEGIN
  IF prefix !~ '^[a-z0-9_]{1,50}$' THEN
    RAISE EXCEPTION 'no role can be named after %', prefix;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- another database's host was first
    END;
  END IF;
  EXECUTE format('GRANT %I TO serai_owner, serai_app', role);
  EXECUTE format('GRANT USAGE ON SCHEMA serai, serai_tenants TO %I', role);
END
$$;
REVOKE ALL ON FUNCTION serai.ensure_plugin_role(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION serai.ensure_plugin_role(text) TO serai_owner;

-- The house's own books. The application reads what was migrated and cannot write it.
SET ROLE serai_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA serai_platform GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO serai_platform;
ALTER DEFAULT PRIVILEGES IN SCHEMA serai_tenants GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO serai_tenants;
CREATE TABLE IF NOT EXISTS serai_platform.serai_migrations (
  scope text NOT NULL CHECK (scope IN ('platform', 'tenants')), owner text NOT NULL, number bigint NOT NULL,
  name text NOT NULL, checksum text NOT NULL, down text NOT NULL, applied_at text NOT NULL,
  PRIMARY KEY (scope, owner, number));
REVOKE INSERT, UPDATE, DELETE ON serai_platform.serai_migrations FROM serai_platform;
CREATE TABLE IF NOT EXISTS serai_platform.serai_tenant_list (
  id text COLLATE "C" PRIMARY KEY CHECK (id <> ''), created_at text NOT NULL);
GRANT SELECT, DELETE ON serai_platform.serai_tenant_list TO serai_tenants;
-- Which migrations' rows (INSERT, UPDATE, DELETE) a tenant has got.
CREATE TABLE IF NOT EXISTS serai_platform.serai_tenant_seeds (
  tenant text COLLATE "C" NOT NULL REFERENCES serai_platform.serai_tenant_list (id) ON DELETE CASCADE,
  owner text NOT NULL, number bigint NOT NULL, PRIMARY KEY (tenant, owner, number));
GRANT SELECT, INSERT ON serai_platform.serai_tenant_seeds TO serai_tenants;
RESET ROLE;

-- Functions that change settings, run text as SQL, wait, lock, signal or reach outside of tables can
-- be called from any SELECT. A plugin's statement cannot name them (the host reads it first); its
-- role may not call them either.
DO $$
DECLARE
  f record;
BEGIN
  FOR f IN
    SELECT p.oid::regprocedure AS name, p.proname
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'pg_catalog'
       AND (p.proname IN ('set_config', 'pg_notify', 'ts_stat', 'ts_rewrite', 'nextval', 'setval', 'currval', 'lastval',
                          'pg_export_snapshot', 'pg_cancel_backend', 'pg_terminate_backend', 'loread', 'lowrite',
                          'pg_logical_emit_message', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids')
            OR p.proname LIKE 'pg\_sleep%' OR p.proname LIKE 'pg\_advisory%' OR p.proname LIKE 'pg\_try\_advisory%'
            OR p.proname LIKE '%\_to\_xml%' OR p.proname LIKE 'lo\_%' OR p.proname LIKE 'pg\_ls\_%'
            OR p.proname LIKE 'pg\_read\_%')
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
    IF f.proname = 'set_config' OR f.proname LIKE 'pg\_advisory%' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO serai_owner, serai_platform, serai_tenants', f.name);
    END IF;
  END LOOP;
END
$$;
