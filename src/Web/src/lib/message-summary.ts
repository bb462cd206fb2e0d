import type { MessageFile } from '@/lib/api/schemas';
import { kindOf } from '@/lib/files';
import type { Translator } from '@/lib/i18n/i18n';
import { plainLine } from '@/lib/text';

interface Summarised {
  readonly text: string;
  readonly deleted?: boolean;
  readonly files: readonly MessageFile[];
}

/** A message as one line of plain text, for previews: its text, or else its files. */
export function summaryOf(t: Translator, { text, deleted, files }: Summarised): string {
  if (deleted === true) return t('message.deleted');
  const line = plainLine(text);
  const [first] = files;
  if (line !== '' || !first) return line;
  if (files.length === 1) return first.name;
  return t(files.every(({ type }) => kindOf(type) === 'image') ? 'files.images' : 'files.count', { count: files.length });
}
