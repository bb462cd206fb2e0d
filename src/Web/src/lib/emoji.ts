export interface EmojiName {
  readonly emoji: string;
  readonly label: string;
  readonly tags: readonly string[];
}

const loading = new Map<string, Promise<readonly EmojiName[]>>();

/** The names of the emoji in the user's language, from this server; fetched once, when somebody first types one. */
export function loadEmoji(locale: string): Promise<readonly EmojiName[]> {
  const language = locale.startsWith('pt') ? 'pt' : 'en';
  let names = loading.get(language);
  if (!names) {
    names = fetch(`/emoji/${language}/data.json`).then(async (response) => {
      if (!response.ok) throw new Error(`The names of the emoji answered ${response.status}.`);
      return ((await response.json()) as { emoji: string; label: string; tags?: string[]; group?: number }[])
        .filter(({ group }) => group !== undefined)
        .map(({ emoji, label, tags }) => ({ emoji, label, tags: tags ?? [] }));
    });
    // What failed is asked for again.
    names.catch(() => loading.delete(language));
    loading.set(language, names);
  }
  return names;
}
