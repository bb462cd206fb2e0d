const prefix = 'akkachat.draft.';
const key = (user: string, room: string) => `${prefix}${user}.${room}`;

/** What was typed and not sent, per user and room. Lost where the storage is full or closed, never in the way. */
export function readDraft(user: string, room: string): string {
  return localStorage.getItem(key(user, room)) ?? '';
}

export function writeDraft(user: string, room: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key(user, room));
    else localStorage.setItem(key(user, room), text);
  } catch (error) {
    console.warn('akkachat: the draft could not be kept', error);
  }
}

export function forgetDrafts(user: string): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(`${prefix}${user}.`)) localStorage.removeItem(name);
}
