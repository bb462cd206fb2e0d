import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';
import { roots } from './first-view.ts';

/** What a signed-in user's first view loads, in bytes of gzip. Later views are loaded when they are opened. */
const maxInitialBytes = 200_000;

const compressible = /\.(js|css|html|svg|json|webmanifest)$/;
/** Below this, the headers weigh more than what is saved. */
const minBytes = 512;

/** Fails a build whose first view has grown too large. */
export function pageSize(): Plugin {
  return {
    name: 'akkachat:page-size',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const initial = initialChunks(chunks);
      const bytes = initial.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
      const list = initial.map(({ fileName, code }) => `  ${fileName}: ${gzipSync(code).length}`).join('\n');
      if (!initial.some(({ facadeModuleId }) => facadeModuleId?.endsWith(roots.chat))) this.error(`No chunk begins with ${roots.chat}: the size of the first view is not known.`);
      if (bytes > maxInitialBytes) this.error(`The first view needs ${bytes} bytes of JavaScript (gzip), more than ${maxInitialBytes}. Load what it does not show later.\n${list}`);
      this.info(`first view: ${bytes} bytes of JavaScript (gzip)`);
    },
  };
}

/** The entry, the first view, and what they import. */
export function initialChunks(chunks: readonly Rollup.OutputChunk[]): readonly Rollup.OutputChunk[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set<Rollup.OutputChunk>();
  const visit = (chunk: Rollup.OutputChunk | undefined): void => {
    if (!chunk || found.has(chunk)) return;
    found.add(chunk);
    for (const name of chunk.imports) visit(byName.get(name));
  };
  for (const chunk of chunks) if (chunk.isEntry || chunk.facadeModuleId?.endsWith(roots.chat)) visit(chunk);
  return [...found];
}

/** Writes `file.br` and `file.gz` beside each file that gets smaller: the server sends them as they are. */
export function compressed(): Plugin {
  let folder = '';
  return {
    name: 'akkachat:compressed',
    apply: 'build',
    configResolved: (config) => void (folder = join(config.root, config.build.outDir)),
    async closeBundle() {
      const names = (await readdir(folder, { recursive: true })).filter((name) => compressible.test(name));
      await Promise.all(names.map((name) => compress(join(folder, name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < minBytes) return;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    promisify(gzip)(content, { level: 9 }),
  ]);
  if (br.length < content.length) await writeFile(`${path}.br`, br);
  if (gz.length < content.length) await writeFile(`${path}.gz`, gz);
}
