import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFrame } from './frames';

/**
 * Frames that the servers of every release wrote (docs/formats.md): in a rolling upgrade a new page talks to an old edge. Left out are a page of
 * REST, and a sync whose events are only placeholders.
 */
const folder = join(process.cwd(), '../../tests/Golden');
const versions = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const notFrames = ['page of events', 'room.sync'];

describe.each(versions.map((entry) => entry.name))('frames of %s', (version) => {
  const frames = readFileSync(join(folder, version, 'frames.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t') as [string, string])
    .filter(([name]) => !notFrames.includes(name));

  test.each(frames)('%s', (_, text) => {
    const reports: string[] = [];
    expect(parseFrame(text, (what) => reports.push(what))).not.toBeNull();
    expect(reports).toEqual([]);
  });
});
