// An S3 store for tests: s3rver (files in DIRECTORY) behind a door that checks every request's
// signature with Amazon's own signer and its body against x-amz-content-sha256, which s3rver does
// not, and that adds the two operations s3rver lacks: aborting and listing uploads.
//   node server.mjs DIRECTORY BUCKET [ACCESS_KEY SECRET_KEY]     prints "listening PORT"
// Without the keys they come from S3_ACCESS_KEY and S3_SECRET_KEY, which other users cannot read.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { promises as fs } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import S3rver from "@20minutes/s3rver";
import AWSAccount from "@20minutes/s3rver/lib/models/account.js";
import { presigned, signature } from "./sign.mjs";

// s3rver leaves !'()* of a query as they are when it checks a signature; SigV4 encodes them.
const plain = globalThis.encodeURIComponent;
globalThis.encodeURIComponent = (text) =>
  plain(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

const { S3_ACCESS_KEY, S3_SECRET_KEY } = process.env;
const [directory, bucket, accessKey = S3_ACCESS_KEY, secretKey = S3_SECRET_KEY] = process.argv.slice(2);
const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
new AWSAccount(123456789000, "Tests").createKeyPair(accessKey, secretKey);
const s3rver = new S3rver({ directory, silent: true, configureBuckets: [{ name: bucket }] });
await s3rver.configureBuckets();
const store = s3rver.callback();

const errorXml = (code, message) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

function answer(response, status, xml) {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(xml);
}

// Query as [name, value] pairs, decoded once.
function queryOf(url) {
  const text = url.split("?")[1];
  if (!text) return [];
  return text.split("&").map((pair) => {
    const [name, value = ""] = pair.split("=");
    return [decodeURIComponent(name), decodeURIComponent(value)];
  });
}

async function authentic(request, query) {
  const rawPath = request.url.split("?")[0];
  const given = new Map(query).get("X-Amz-Signature");
  if (given) {
    const unsigned = query.filter(([name]) => name !== "X-Amz-Signature");
    const names = new Map(query).get("X-Amz-SignedHeaders").split(";");
    const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
    return same(given, await presigned(credentials, request.method, rawPath, unsigned, headers));
  }
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    request.headers.authorization ?? "");
  if (!match || match[1] !== accessKey) return false;
  // What is not signed could be changed on the way: these must be.
  const names = match[3].split(";");
  for (const needed of ["host", "x-amz-content-sha256", "x-amz-date"]) {
    if (!names.includes(needed)) return false;
  }
  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
  return same(match[4], await signature(credentials, match[2], request.method, rawPath, query, headers));
}

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const uploadsFolder = path.join(directory, bucket, "._S3rver_uploads");

async function openUploads() {
  const ids = await fs.readdir(uploadsFolder).catch(() => []);
  const all = await Promise.all(
    ids.map(async (id) => ({ id, key: await fs.readFile(path.join(uploadsFolder, id, "key"), "utf8") })));
  return all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1));
}

async function listUploads(response, parameters) {
  const prefix = parameters.get("prefix") ?? "";
  const marker = parameters.get("key-marker") ?? "";
  const idMarker = parameters.get("upload-id-marker") ?? "";
  const after = (upload) =>
    upload.key > marker || (upload.key === marker && idMarker !== "" && upload.id > idMarker);
  const found = (await openUploads()).filter((u) => u.key.startsWith(prefix) && (marker === "" || after(u)));
  const page = found.slice(0, 2); // small, so that paging is seen
  const last = page.at(-1);
  const more = found.length > page.length;
  answer(response, 200,
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
    `<IsTruncated>${more}</IsTruncated>` +
    (more ? `<NextKeyMarker>${escaped(last.key)}</NextKeyMarker><NextUploadIdMarker>${escaped(last.id)}</NextUploadIdMarker>` : "") +
    page.map((u) => `<Upload><Key>${escaped(u.key)}</Key><UploadId>${escaped(u.id)}</UploadId></Upload>`).join("") +
    `</ListMultipartUploadsResult>`);
}

async function abortUpload(response, id) {
  const folder = path.join(uploadsFolder, path.basename(id));
  const known = await fs.stat(folder).catch(() => null);
  if (!known) return answer(response, 404, errorXml("NoSuchUpload", "There is no such upload."));
  await fs.rm(folder, { recursive: true });
  response.writeHead(204);
  response.end();
}

async function handle(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const query = queryOf(request.url);
  if (!(await authentic(request, query)))
    return answer(response, 403, errorXml("SignatureDoesNotMatch", "Amazon's signer makes another signature."));
  const promised = request.headers["x-amz-content-sha256"];
  if (promised && promised !== createHash("sha256").update(body).digest("hex"))
    return answer(response, 400, errorXml("XAmzContentSHA256Mismatch", "The body has another hash."));
  const parameters = new Map(query);
  if (request.method === "GET" && parameters.has("uploads")) return listUploads(response, parameters);
  if (request.method === "DELETE" && parameters.has("uploadId"))
    return abortUpload(response, parameters.get("uploadId"));
  if (request.method === "POST" && parameters.has("uploadId")) {
    const uploads = await openUploads(); // s3rver would answer 500
    if (!uploads.some((upload) => upload.id === parameters.get("uploadId")))
      return answer(response, 404, errorXml("NoSuchUpload", "There is no such upload."));
  }
  // s3rver reads the body from the request: give it one that has it again.
  const replay = Readable.from(body.length ? [body] : [], { objectMode: false });
  for (const name of ["method", "url", "headers", "httpVersion", "rawHeaders", "socket"]) replay[name] = request[name];
  store(replay, response);
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => answer(response, 500, errorXml("InternalError", escaped(String(error)))));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => console.log(`listening ${server.address().port}`));
