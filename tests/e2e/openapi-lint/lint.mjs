// Lints one OpenAPI document: its structure against OpenAPI 3.1 and the rules of good manners
// below. Prints every problem; exits 1 if one is an error, 2 if the document cannot be read. The
// document must stand alone: a reference to another file or address is refused, not fetched.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { createConfig, formatProblems, lintFromString, detectSpec, SpecVersion } = createRequire(
  import.meta.url
)('@redocly/openapi-core');

const rules = {
  struct: 'error',
  'no-unresolved-refs': 'error',
  'security-defined': 'error',
  'operation-operationId': 'error',
  'operation-operationId-unique': 'error',
  'operation-operationId-url-safe': 'error',
  'operation-parameters-unique': 'error',
  'operation-summary': 'error',
  'operation-4xx-response': 'warn',
  'operation-2xx-response': 'error',
  'path-declaration-must-exist': 'error',
  'path-not-include-query': 'error',
  'path-parameters-defined': 'error',
  'no-identical-paths': 'error',
  'no-ambiguous-paths': 'warn',
  'no-path-trailing-slash': 'error',
  'no-enum-type-mismatch': 'error',
  'no-schema-type-mismatch': 'error',
  'no-invalid-schema-examples': 'error',
  'no-invalid-media-type-examples': 'error',
  'no-required-schema-properties-undefined': 'error',
  'no-empty-servers': 'error',
  'info-license': 'warn',
};

function refuseForeignReferences(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.$ref === 'string' && !node.$ref.startsWith('#')) {
    throw new Error(`a reference leaves the document: ${node.$ref}`);
  }
  Object.values(node).forEach(refuseForeignReferences);
}

async function main(file) {
  const text = await readFile(file, 'utf8');
  const document = JSON.parse(text);
  refuseForeignReferences(document);
  const version = detectSpec(document);
  if (version !== SpecVersion.OAS3_1) {
    throw new Error(`expected an OpenAPI 3.1 document, found ${version}`);
  }
  const config = await createConfig({ rules });
  const problems = await lintFromString({ source: text, absoluteRef: file, config });
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  formatProblems(problems, {
    format: 'stylish',
    totals: { errors, warnings: problems.length - errors, ignored: 0 },
    maxProblems: 200,
    version: '3.1',
  });
  console.log(`openapi-lint: ${errors} error(s), ${problems.length - errors} warning(s) in ${file}`);
  return errors === 0 ? 0 : 1;
}

if (process.argv.length !== 3) {
  console.error('usage: node lint.mjs openapi.json');
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await main(process.argv[2]);
  } catch (fault) {
    console.error(`openapi-lint: ${process.argv[2]}: ${fault.message}`);
    process.exitCode = 2;
  }
}
