import { describe, expect, it, vi } from 'vitest';
import { message } from '@/test/build';
import { Saved } from './saved';

const room = { id: 'r_1', name: 'general', visibility: 'public', picture: null };
const item = (seq: number) => ({ message: message(seq, seq), room, savedAt: '2026-01-01T10:00:00.000Z' });

function create() {
  const api = {
    saved: vi.fn((cursor?: string): Promise<{ items: ReturnType<typeof item>[]; nextCursor: string | null }> =>
      Promise.resolve(cursor === undefined ? { items: [item(3), item(2)], nextCursor: 'c' } : { items: [item(1)], nextCursor: null })),
    savedIds: vi.fn(() => Promise.resolve({ items: ['r_1.2', 'r_1.3'] })),
    saveMessage: vi.fn(() => Promise.resolve()),
  };
  return { api, saved: new Saved(api) };
}

const ids = (saved: Saved) => saved.list.get()?.items.map(({ message: { id } }) => id);

describe('Saved', () => {
  it('lists page after page, and follows what the user saves on any device', async () => {
    const { api, saved } = create();
    await saved.open();
    await saved.more();
    expect(ids(saved)).toEqual(['r_1.3', 'r_1.2', 'r_1.1']);

    saved.learn('r_1.2', false);
    expect(ids(saved)).toEqual(['r_1.3', 'r_1.1']);
    api.saved.mockResolvedValueOnce({ items: [item(4), item(3)], nextCursor: null });
    saved.learn('r_1.4', true);
    await vi.waitFor(() => expect(ids(saved)).toEqual(['r_1.4', 'r_1.3']));
  });

  it('knows which messages of an opened room are saved, whatever is answered late', async () => {
    const { api, saved } = create();
    let answer: (value: { items: string[] }) => void = () => undefined;
    api.savedIds.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const loading = saved.load('r_1');
    await saved.set(message(3, 3), true);
    answer({ items: [] });
    await loading;
    await vi.waitFor(() => expect(api.savedIds).toHaveBeenCalledTimes(2));
    await vi.waitFor(() => expect([...saved.ids.get()]).toEqual(['r_1.2', 'r_1.3']));
  });

  it('shows a message as it is now, and nothing of a room that the user is not in any more', async () => {
    const { saved } = create();
    await saved.open();
    saved.apply('r_1', [{ kind: 'edited', seq: 9, id: 'r_1.3', n: 3, text: 'new', editedAt: '2026-01-01T11:00:00.000Z', mentions: [], audience: null }]);
    expect(saved.list.get()?.items[0]?.message.text).toBe('new');
    saved.apply('r_1', [{ kind: 'deleted', seq: 10, id: 'r_1.3', n: 3, by: message(1, 1).author }]);
    expect(saved.list.get()?.items[0]?.message).toMatchObject({ deleted: true, text: '' });

    await saved.load('r_1');
    saved.forget('r_1');
    expect(ids(saved)).toEqual([]);
    expect(saved.ids.get().size).toBe(0);
  });
});
