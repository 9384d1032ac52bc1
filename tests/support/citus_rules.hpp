// Serai's tables can be spread over many machines by Citus, by tenant. Debian has no Citus; these
// are its rules for distributed tables, read from the catalogue. Source: docs.citusdata.com,
// "Creating and modifying distributed objects" and "SQL support and workarounds".
#pragma once

namespace serai_test {

// What stands against distributing the tables of `serai_tenants` by tenant_id, a line each.
inline constexpr const char* kCitusObstacles = R"(
WITH tables AS (
  SELECT c.oid, c.relname, c.relkind, c.relpersistence FROM pg_class c
   WHERE c.relnamespace = 'serai_tenants'::regnamespace AND c.relkind IN ('r', 'p')),
tenants AS (
  SELECT a.attrelid, a.attnum, a.atttypid, a.attcollation, a.attgenerated, a.attidentity, a.atthasdef
    FROM pg_attribute a JOIN tables t ON t.oid = a.attrelid
   WHERE a.attname = 'tenant_id' AND NOT a.attisdropped)
SELECT relname || ': has no tenant_id' FROM tables t
 WHERE NOT EXISTS (SELECT FROM tenants d WHERE d.attrelid = t.oid)
UNION ALL
SELECT t.relname || ': its tenant_id has another type or collation than the others, so they cannot lie together'
  FROM tables t JOIN tenants d ON d.attrelid = t.oid
 WHERE d.atttypid <> 'text'::regtype OR d.attcollation <> (SELECT min(attcollation) FROM tenants)
UNION ALL
SELECT t.relname || ': its tenant_id is generated'
  FROM tables t JOIN tenants d ON d.attrelid = t.oid WHERE d.attgenerated <> '' OR d.attidentity <> ''
UNION ALL
SELECT t.relname || ': the default of tenant_id is volatile'
  FROM tables t JOIN tenants d ON d.attrelid = t.oid
  JOIN pg_attrdef f ON f.adrelid = t.oid AND f.adnum = d.attnum
  JOIN pg_depend e ON e.classid = 'pg_attrdef'::regclass AND e.objid = f.oid AND e.refclassid = 'pg_proc'::regclass
  JOIN pg_proc p ON p.oid = e.refobjid WHERE p.provolatile = 'v'
UNION ALL
SELECT x.indexrelid::regclass || ': is unique without tenant_id'
  FROM pg_index x JOIN tenants d ON d.attrelid = x.indrelid
 WHERE x.indisunique AND NOT d.attnum = ANY (x.indkey)
UNION ALL
SELECT k.conname || ': excludes without tenant_id'
  FROM pg_constraint k JOIN tenants d ON d.attrelid = k.conrelid
 WHERE k.contype = 'x' AND NOT d.attnum = ANY (k.conkey)
UNION ALL
SELECT k.conname || ': refers to a table that would not be distributed'
  FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
 WHERE k.contype = 'f' AND k.confrelid NOT IN (SELECT oid FROM tables)
UNION ALL
SELECT k.conname || ': refers to rows of another machine'
  FROM pg_constraint k JOIN tenants d ON d.attrelid = k.conrelid
  JOIN tenants r ON r.attrelid = k.confrelid
 WHERE k.contype = 'f' AND NOT EXISTS (
   SELECT FROM generate_subscripts(k.conkey, 1) i
    WHERE k.conkey[i] = d.attnum AND k.confkey[i] = r.attnum)
UNION ALL
SELECT k.conname || ': sets tenant_id to null or its default with what it refers to'
  FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
 WHERE k.contype = 'f' AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('n', 'd', 'c'))
   AND coalesce(cardinality(k.confdelsetcols), 0) = 0
UNION ALL
SELECT g.tgname || ': is a trigger' FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT r.rulename || ': is a rule' FROM pg_rewrite r JOIN tables t ON t.oid = r.ev_class
UNION ALL
SELECT t.relname || ': inherits' FROM tables t JOIN pg_inherits i ON i.inhrelid = t.oid
UNION ALL
SELECT t.relname || ': is not kept durably' FROM tables t WHERE t.relpersistence <> 'p'
UNION ALL
SELECT t.relname || ': has a number of its own that is no bigint'
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
 WHERE a.attidentity <> '' AND a.atttypid <> 'bigint'::regtype)";

}  // namespace serai_test
