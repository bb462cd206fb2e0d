import * as v from 'valibot';
import { messageFile, type MessageFile } from '@/lib/api/schemas';
import { Store } from '@/lib/store';

const prefix = 'akkachat.draft.';
const key = (user: string, room: string) => `${prefix}${user}.${room}`;

/** Drafts, per user and room. If the storage is full or unavailable they are lost without an error. */
export function readDraft(user: string, room: string): string {
  return localStorage.getItem(key(user, room)) ?? '';
}

/** The keys of what is begun and not sent. */
export const drafts = new Store<ReadonlySet<string>>(new Set(Object.keys(localStorage).filter((name) => name.startsWith(prefix))));

export const hasDraft = (known: ReadonlySet<string>, user: string, room: string): boolean => known.has(key(user, room));

export function writeDraft(user: string, room: string, text: string): void {
  const name = key(user, room);
  const begun = text.trim() !== '';
  drafts.update((known) => {
    if (known.has(name) === begun) return known;
    const next = new Set(known);
    if (begun) next.add(name);
    else next.delete(name);
    return next;
  });
  try {
    if (text === '') localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch (error) {
    console.warn('akkachat: the draft could not be kept', error);
  }
}

const filesPrefix = 'akkachat.files.';
/** Where the upload client keeps what it needs to resume after a reload. */
const resumePrefix = 'tus::';

/** Identifies an upload across reloads: the same file, chosen again by the same user for the same room, continues where it stopped. */
export const resumeKey = (user: string, room: string, file: File): string =>
  `${user}.${room}.${file.name}.${file.type}.${file.size}.${file.lastModified}`;

const storedFiles = v.array(messageFile);

/** Uploaded files that were not sent, by the place they are for. Per tab: another tab must not send the same files. */
export function readFiles(user: string): ReadonlyMap<string, readonly MessageFile[]> {
  const places = new Map<string, readonly MessageFile[]>();
  for (const name of Object.keys(sessionStorage)) {
    if (!name.startsWith(`${filesPrefix}${user}.`)) continue;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), storedFiles), sessionStorage.getItem(name));
    if (parsed.success) places.set(name.slice(filesPrefix.length + user.length + 1), parsed.output);
  }
  return places;
}

export function writeFiles(user: string, place: string, files: readonly MessageFile[]): void {
  const name = `${filesPrefix}${user}.${place}`;
  try {
    if (files.length === 0) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(files));
  } catch (error) {
    console.warn('akkachat: the files of a draft could not be kept', error);
  }
}

export function forgetDrafts(user: string): void {
  drafts.set(new Set());
  for (const name of Object.keys(localStorage)) if (name.startsWith(`${prefix}${user}.`) || name.startsWith(`${resumePrefix}${user}.`)) localStorage.removeItem(name);
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(`${filesPrefix}${user}.`)) sessionStorage.removeItem(name);
}
