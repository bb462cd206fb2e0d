import type { Translator } from '@/lib/i18n/i18n';

/** What the page does with a file: it shows images, plays audio and video, opens PDF in a tab, and offers the rest for download. */
export type FileKind = 'image' | 'video' | 'audio' | 'pdf' | 'archive' | 'text' | 'file';

/** The images that the server shows and makes thumbnails of; any other is a file. */
const shownImages = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export function kindOf(type: string): FileKind {
  if (shownImages.includes(type)) return 'image';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  if (type === 'application/pdf') return 'pdf';
  if (/zip|compressed|x-tar|gzip|x-7z|x-rar|vnd\.rar/.test(type)) return 'archive';
  if (/^text\/|json|xml|msword|document|spreadsheet|ms-excel|presentation|powerpoint/.test(type)) return 'text';
  return 'file';
}

/** By the name where the server knows no type: what is not shown is all `application/octet-stream` to it. */
export function kindOfFile(file: { readonly name: string; readonly type: string }): FileKind {
  const kind = kindOf(file.type);
  if (kind !== 'file') return kind;
  const extension = extensionOf(file.name).toLowerCase();
  if (/^(zip|gz|tgz|tar|7z|rar|bz2|xz|zst)$/.test(extension)) return 'archive';
  return /^(txt|md|csv|tsv|json|xml|html?|log|ya?ml|docx?|odt|rtf|xlsx?|ods|pptx?|odp)$/.test(extension) ? 'text' : 'file';
}

/** Without the dot; empty where there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 && name.length - dot <= 9 ? name.slice(dot + 1) : '';
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** In powers of 1,024, as file managers show sizes. */
export function formatBytes(t: Translator, bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return new Intl.NumberFormat(t.locale, { style: 'unit', unit: units[unit] ?? 'byte', unitDisplay: unit === 0 ? 'long' : 'short', maximumFractionDigits: digits }).format(value);
}

export const fileUrl = (id: string, thumb?: 'small' | 'large'): string =>
  `/api/files/${encodeURIComponent(id)}${thumb === undefined ? '' : `?thumb=${thumb}`}`;

/** As an attachment, whatever its type. */
export const downloadUrl = (id: string): string => `${fileUrl(id)}?download=1`;

/** Whether the server takes files of the type; what the browser cannot name is of no known type. */
export function allowsType(allowed: readonly string[], type: string): boolean {
  const wanted = type === '' ? 'application/octet-stream' : type.toLowerCase();
  return allowed.length === 0 || allowed.some((entry) => (entry.endsWith('/*') ? wanted.startsWith(entry.slice(0, -1).toLowerCase()) : wanted === entry.toLowerCase()));
}
