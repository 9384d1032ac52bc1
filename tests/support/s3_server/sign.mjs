// Amazon's own signer (@smithy/signature-v4, of their SDK). As a program it reads one JSON document
// per line, {method, path, query, headers, hash}, path and query as they are meant, and prints the
// signature that Amazon's signer makes of it: `node sign.mjs ACCESS_KEY SECRET_KEY REGION DATE`.
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

const when = (text) =>
  new Date(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, "$1-$2-$3T$4:$5:$6Z"));

const signer = (credentials, region) =>
  new SignatureV4({
    credentials, region, service: "s3", sha256: Sha256, uriEscapePath: false, applyChecksum: false });

function queryObject(pairs) {
  const query = {};
  for (const [name, value] of pairs) (query[name] ??= []).push(value);
  return query;
}

// `path` encoded, as it stands in the request.
export async function signature(credentials, region, method, path, query, headers) {
  const request = {
    method, path, query: queryObject(query), headers: { ...headers }, protocol: "http:", hostname: headers.host };
  const signed = await signer(credentials, region).sign(request, {
    signingDate: when(headers["x-amz-date"]),
    signableHeaders: new Set(Object.keys(headers)),
    unhoistableHeaders: new Set(Object.keys(headers)),
  });
  return /Signature=([0-9a-f]+)$/.exec(signed.headers.authorization)[1];
}

export async function presigned(credentials, method, path, query, headers) {
  const parameters = new Map(query);
  const region = parameters.get("X-Amz-Credential").split("/")[2];
  const own = query.filter(([name]) => !name.startsWith("X-Amz-"));
  const request = {
    method, path, query: queryObject(own), protocol: "http:", hostname: headers.host,
    headers: { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } };
  const hash = new Set(["x-amz-content-sha256"]); // says what is signed, and is not sent itself
  const signed = await signer(credentials, region).presign(request, {
    unsignableHeaders: hash,
    unhoistableHeaders: hash,
    signingDate: when(parameters.get("X-Amz-Date")),
    expiresIn: Number(parameters.get("X-Amz-Expires")),
  });
  return String(signed.query["X-Amz-Signature"]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [accessKeyId, secretAccessKey, region, date] = process.argv.slice(2);
  const encode = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  for await (const line of createInterface({ input: process.stdin })) {
    const { method, path, query, headers, hash } = JSON.parse(line);
    const encoded = path.split("/").map(encode).join("/");
    console.log(await signature({ accessKeyId, secretAccessKey }, region, method, encoded, query,
      { ...headers, "x-amz-content-sha256": hash, "x-amz-date": date }));
  }
}
