/** The address as it is, or an empty text: only web and mail addresses become links. */
export function safeUrl(url: string | undefined): string {
  return url !== undefined && /^(https?:\/\/|mailto:)/i.test(url) ? url : '';
}
