import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import type { MessageHit } from '@/lib/api/schemas';
import { setLocale } from '@/lib/i18n/i18n';
import { ChatContext } from '@/lib/session/session-context';
import { Store } from '@/lib/store';
import { SearchDialog } from './search-dialog';

let seen = 0;

const hit = (n: number, room = 'r_1', text = `tea number ${n}`): MessageHit => ({
  message: {
    room, seq: n, n, id: `${room}.${n}`, cid: null, author: { id: 'u_2', username: 'ana', displayName: 'Ana' }, text, ts: '2026-01-01T12:00:00Z',
    editedAt: null, deleted: false, replyTo: null, files: [], preview: null, reactions: [], mentions: [], audience: null,
  },
  room: { id: room, name: room === 'r_1' ? 'Garden club' : 'Kitchen', visibility: 'public', picture: null },
  matches: [{ start: 0, length: 3 }],
  snippet: { text, matches: [{ start: 0, length: 3 }], cutBefore: false, cutAfter: false },
});

type Page = { items: MessageHit[]; nextCursor: string | null };

function show(pages: readonly (Page | ApiError)[], { preset = '', me = { id: `u_${++seen}` }, users = new Map<string, unknown>() } = {}) {
  const queue = [...pages];
  const search = vi.fn<(...args: unknown[]) => Promise<Page>>(() => {
    const next = queue.shift() ?? { items: [], nextCursor: null };
    return next instanceof ApiError ? Promise.reject(next) : Promise.resolve(next);
  });
  const searchPeople = vi.fn(() => Promise.resolve({ items: [{ id: 'u_9', username: 'bob', displayName: 'Bob', avatar: null }] }));
  const rooms = new Map([['r_1', { id: 'r_1', name: 'Garden club' }], ['r_2', { id: 'r_2', name: 'Kitchen' }]]);
  const people = { avatars: new Store(new Map()), want: () => undefined };
  const chat = { me, session: { api: { search, searchPeople } }, client: { rooms: new Store(rooms), people, users: new Store(users) } };
  const onClose = vi.fn();
  const view = render(<ChatContext value={chat as unknown as Parameters<typeof ChatContext>[0]['value']}><SearchDialog preset={preset} onClose={onClose} /></ChatContext>);
  return { search, onClose, view, me, input: screen.getByTestId<HTMLInputElement>('search-input'), user: userEvent.setup() };
}

describe('SearchDialog', () => {
  beforeEach(async () => {
    location.hash = '';
    Element.prototype.scrollIntoView = () => undefined;
    await setLocale('en');
  });

  it('shows people by the name that they have now', async () => {
    const { input, user } = show([{ items: [hit(9)], nextCursor: null }], { users: new Map([[hit(9).message.author.id, { displayName: 'Dr. Ana Ribeiro' }]]) });
    await user.type(input, 'tea');
    expect((await screen.findByTestId('search-hit')).querySelector('strong')?.textContent).toBe('Dr. Ana Ribeiro');
  });

  it('finds by typing, marks, groups by room, and opens by keyboard', async () => {
    const { search, onClose, input, user } = show([{ items: [hit(9), hit(8), hit(3, 'r_2')], nextCursor: null }]);
    await user.type(input, 'tea');
    expect(await screen.findAllByTestId('search-hit')).toHaveLength(3);
    expect(search).toHaveBeenLastCalledWith('tea', undefined);
    expect(screen.getAllByRole('group').map((group) => group.getAttribute('aria-label'))).toEqual(['Garden club', 'Kitchen']);
    expect(document.querySelector('mark')?.textContent).toBe('tea');
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
    expect(screen.getAllByTestId('search-hit')[2]!.getAttribute('aria-selected')).toBe('true');
    expect(input.getAttribute('aria-activedescendant')).toBe(screen.getAllByTestId('search-hit')[2]!.id);
    await user.keyboard('{ArrowUp}{Enter}');
    expect(location.hash).toBe('#/r/r_1/r_1.8');
    expect(onClose).toHaveBeenCalled();
  });

  it('remembers the last search and where one was', async () => {
    const first = show([{ items: [hit(9), hit(8)], nextCursor: null }]);
    await first.user.type(first.input, 'tea');
    await screen.findAllByTestId('search-hit');
    await first.user.keyboard('{ArrowDown}{Enter}');
    first.view.unmount();

    const { input } = show([{ items: [hit(9), hit(8)], nextCursor: null }], { me: first.me });
    expect(input.value).toBe('tea');
    expect(screen.getAllByTestId('search-hit')[1]!.dataset['opened']).toBe('true');
    expect(screen.getAllByTestId('search-hit')[1]!.getAttribute('aria-selected')).toBe('true');
    await waitFor(() => expect(screen.getAllByTestId('search-hit')).toHaveLength(2));
  });

  it('begins in a room, completes filters, and shows them as chips', async () => {
    const { input, user, search } = show([], { preset: 'in:"Garden club" ' });
    expect(screen.getByTestId('search-chip').textContent).toBe('in:"Garden club"');
    await user.type(input, 'from:bo');
    await screen.findByText('@bob');
    await user.keyboard('{Enter}');
    expect(input.value).toBe('in:"Garden club" from:bob ');
    expect(screen.getAllByTestId('search-chip')).toHaveLength(2);
    await user.type(input, 'ha{Tab}im{Enter}');
    await waitFor(() => expect(search).toHaveBeenLastCalledWith('in:"Garden club" from:bob has:image', undefined));
    await user.click(screen.getAllByTestId('search-chip')[0]!);
    expect(input.value.trim()).toBe('from:bob has:image');
  });

  it('shows older ones, and says when there is nothing', async () => {
    const { search, input, user } = show([{ items: [hit(9)], nextCursor: 'c1' }, { items: [hit(9), hit(2)], nextCursor: null }]);
    await user.type(input, 'tea');
    await user.click(await screen.findByTestId('search-more'));
    await waitFor(() => expect(screen.getAllByTestId('search-hit')).toHaveLength(2));
    expect(search).toHaveBeenLastCalledWith('tea', 'c1');
    expect(screen.queryByTestId('search-more')).toBeNull();
    await user.type(input, 'x');
    expect(await screen.findByTestId('search-none')).toBeTruthy();
  });

  it('says what went wrong, and tries again', async () => {
    const { input, user } = show([new ApiError(503, 'search_timeout'), { items: [hit(9)], nextCursor: null }, new ApiError(400, 'invalid')]);
    await user.type(input, 'tea');
    expect((await screen.findByTestId('search-error')).textContent).toContain('The search took too long.');
    await user.click(screen.getByTestId('search-retry'));
    expect(await screen.findAllByTestId('search-hit')).toHaveLength(1);
    await user.type(input, ' who:ana');
    expect((await screen.findByTestId('search-error')).textContent).toContain('Filters are from:');
    expect(screen.queryByTestId('search-retry')).toBeNull();
  });
});
