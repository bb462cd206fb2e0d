// An S3 server that verifies signatures (AWS Signature Version 4): s3-server.mjs ADDRESS PORT FOLDER BUCKET…
// Its one access key is S3RVER, and so is the secret.
import { createRequire } from 'node:module';
import S3rver from '@20minutes/s3rver';

// Signature Version 4 encodes these characters of a query too (RFC 3986); the package, in one place, does not.
const encode = globalThis.encodeURIComponent;
globalThis.encodeURIComponent = (text) =>
  encode(text).replace(/[!'()*]/g, (ch) => `%${ch.charCodeAt(0).toString(16).toUpperCase()}`);

// A bucket's own path ends in a slash, which is signed; the package leaves it out.
const signature = createRequire(import.meta.url)('@20minutes/s3rver/lib/signature/v4.js');
const { getStringToSign } = signature;
signature.getStringToSign = (request, ...rest) =>
  getStringToSign({ ...request, uri: request.uri.replace(/^\/[^/]+$/, '$&/') }, ...rest);

const [address, port, directory, ...buckets] = process.argv.slice(2);
const server = new S3rver({
  address,
  port: Number(port),
  directory,
  silent: true,
  vhostBuckets: false,
  configureBuckets: buckets.map((name) => ({ name })),
});
await server.run();
console.log('ready');
