// Uploads a file with tus-js-client: tus-upload.mjs ENDPOINT TOKEN ROOM FILE
// Prints a line of JSON when the upload exists ({"upload":…}), for each PATCH ({"offset":…}), and at the end ({"done":true}).
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Upload } from 'tus-js-client';

const [endpoint, token, room, file] = process.argv.slice(2);
const say = (value) => console.log(JSON.stringify(value));
const upload = new Upload(createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: basename(file), filetype: 'application/octet-stream', room },
  uploadSize: statSync(file).size,
  retryDelays: [0, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000],
  onBeforeRequest(request) {
    if (request.getMethod() === 'PATCH') say({ offset: Number(request.getHeader('Upload-Offset')) });
  },
  onUploadUrlAvailable: () => say({ upload: upload.url }),
  onSuccess: () => say({ done: true }),
  onError(error) {
    console.error(error.message);
    process.exitCode = 1;
  },
});
upload.start();
