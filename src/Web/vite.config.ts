import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { firstView } from './build/first-view.ts';
import { compressed, pageSize } from './build/page-size.ts';

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const server = process.env['AKKACHAT_SERVER'] ?? 'http://localhost:8080';

/** The names of the emoji, as files of this server: `/emoji/en/data.json`. They are fetched when a picker is first opened. */
function emojiData(): Plugin {
  const { resolve } = createRequire(import.meta.url);
  const files = ['en', 'pt'].flatMap((locale) => ['data', 'messages'].map((name) => `${locale}/${name}.json`));
  const read = (file: string) => readFileSync(resolve(`emojibase-data/${file}`));
  return {
    name: 'emoji-data',
    generateBundle() {
      for (const file of files) this.emitFile({ type: 'asset', fileName: `emoji/${file}`, source: read(file) });
    },
    configureServer(dev) {
      dev.middlewares.use('/emoji', (request, response, next) => {
        const file = files.find((name) => request.url === `/${name}`);
        if (file === undefined) next();
        else response.setHeader('Content-Type', 'application/json').end(read(file));
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), emojiData(), pageSize(), compressed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The server's policy is `script-src 'self'; style-src 'self'`: nothing may become a data: URL or an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: firstView(root) } } },
  },
  server: {
    proxy: {
      '/api': server,
      '/health': server,
      '/ws': { target: server, ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    pool: 'threads',
    maxWorkers: 2,
    // 10,000 cases of a property, on a machine that has more to do.
    testTimeout: 30_000,
  },
});
