// Whether an installation keeps files: kept-file.mjs put URL STATE registers a user and uploads a file, kept-file.mjs get URL STATE downloads it
// as the same user and compares. STATE is a file for what the second needs to know. Exits with 0 if the bytes are the same.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [command, url, state] = process.argv.slice(2);

const call = async (method, path, headers, body) => {
  const response = await fetch(new URL(path, url), { method, headers, body });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
};
const json = async (path, value, token) =>
  (await call('POST', path, { 'Content-Type': 'application/json', ...bearer(token) }, JSON.stringify(value))).json();
const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const base64 = (text) => Buffer.from(text).toString('base64');

if (command === 'put') {
  const username = `kept_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(18).toString('base64url');
  const { accessToken } = await json('/api/auth/register', { username, email: `${username}@example.org`, password });
  const room = await json('/api/rooms', { name: username, visibility: 'private' }, accessToken);
  // More than one part of a multipart upload to S3.
  const bytes = randomBytes(6 * 1024 * 1024);
  const tus = { 'Tus-Resumable': '1.0.0', ...bearer(accessToken) };
  const metadata = `filename ${base64('kept.bin')},filetype ${base64('application/octet-stream')},room ${base64(room.id)}`;
  const created = await call('POST', '/api/uploads', { ...tus, 'Upload-Length': bytes.length, 'Upload-Metadata': metadata });
  const location = created.headers.get('location');
  await call('PATCH', location, { ...tus, 'Upload-Offset': 0, 'Content-Type': 'application/offset+octet-stream' }, bytes);
  writeFileSync(state, JSON.stringify({ username, password, file: location.split('/').at(-1), sha256: sha256(bytes) }), { mode: 0o600 });
}

const kept = JSON.parse(readFileSync(state, 'utf8'));
const { accessToken } = await json('/api/auth/login', { login: kept.username, password: kept.password });
const bytes = Buffer.from(await (await call('GET', `/api/files/${kept.file}`, bearer(accessToken))).arrayBuffer());
if (sha256(bytes) !== kept.sha256) throw new Error(`${kept.file} has other bytes: ${bytes.length} of them`);
console.log(`${kept.file}: ${bytes.length} bytes, the same`);
