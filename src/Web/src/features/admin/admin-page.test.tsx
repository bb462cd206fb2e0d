import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { History, Node, Work } from '@/lib/api/admin-schemas';
import { ApiError } from '@/lib/api/http';
import type { AdminPage as Page } from '@/lib/route';
import { ChatContext } from '@/lib/session/session-context';
import { toasts } from '@/lib/toasts';
import { AdminPage } from './admin-page';
import { niceTop, path } from './chart';

const node: Node = {
  address: 'akka.tcp://chat@10.0.0.5:4053', roles: ['edge', 'room'], status: 'up', reachable: true, leader: true, coordinator: true,
  version: '1.2.0', shards: 2, rooms: 5,
  report: {
    startedAt: '2026-01-01T10:00:00Z', cpu: 0.25, memoryBytes: 210_763_776, sockets: 12, queued: 0, sendsPerSecond: 3.5, sendP99Ms: 8,
    sendsInFlight: 1, writesWaiting: 0,
  },
};
const silent: Node = { ...node, address: 'akka.tcp://chat@10.0.0.6:4053', reachable: false, leader: false, coordinator: false, shards: 0, rooms: 0, report: null };
const dead: Work = {
  id: '7', kind: 'file.image', key: 'f_1', state: 'dead', attempts: 10, createdAt: '2026-01-01T10:00:00Z', dueAt: '2026-01-01T10:00:00Z',
  owner: null, lastError: 'the store is away',
};
const line = (...last: (number | null)[]) => [...Array.from({ length: 360 - last.length }, () => null), ...last];
const history: History = {
  from: '2026-01-01T10:00:00Z', stepSeconds: 10,
  total: {
    sockets: line(10, 14, 12), rooms: line(5), sendsPerSecond: line(3.5), sendP99Ms: line(), sendsInFlight: line(1), queued: line(0),
    writesWaiting: line(0), workWaiting: line(0), workDead: line(1),
  },
  nodes: [
    { address: node.address, cpu: line(0.25), memoryBytes: line(210_763_776) },
    { address: silent.address, cpu: line(), memoryBytes: line() },
  ],
};

function show(page: Page, failure?: ApiError) {
  const list = <T,>(...items: T[]) => vi.fn(() => (failure ? Promise.reject(failure) : Promise.resolve({ items, nextCursor: null })));
  let left = [dead];
  const api = {
    nodes: list(node, silent),
    shards: list({ shard: '1', node: node.address, rooms: 3 }, { shard: '12', node: node.address, rooms: 2 }),
    allRooms: list({ id: 'r_1', name: 'secrets', visibility: 'private', members: 2, seq: 9, messages: 4, createdAt: '2026-01-01T10:00:00Z', lastActive: '2026-01-01T10:00:00Z', shard: '12', node: node.address }),
    sockets: list({ node: node.address, user: 'u_1', username: 'ana', openSeconds: 7_300, silentSeconds: 3, rooms: 2, queued: 0 }),
    history: vi.fn(() => Promise.resolve(history)),
    work: vi.fn(() => Promise.resolve({ depths: left.map(() => ({ kind: dead.kind, state: dead.state, count: 1, oldestSeconds: 60 })), items: left, nextCursor: null })),
    retryWork: vi.fn(() => Promise.resolve()),
    dropWork: vi.fn(() => {
      left = [];
      return failure ? Promise.reject(failure) : Promise.resolve();
    }),
  };
  const chat = { session: { api } } as unknown as Parameters<typeof ChatContext>[0]['value'];
  render(<ChatContext value={chat}><AdminPage page={page} /></ChatContext>);
  return { api, user: userEvent.setup() };
}

describe('AdminPage', () => {
  beforeEach(() => {
    toasts.set([]);
  });

  it('shows nodes with what they say of themselves, and the last hour', async () => {
    show('overview');
    const [first, second] = await screen.findAllByTestId('admin-node');
    expect(first!.textContent).toContain('10.0.0.5:4053');
    expect(first!.textContent).toContain('shard coordinator');
    expect(first!.textContent).toContain('201 MB');
    expect(first!.textContent).toContain('12: 2 rooms');
    expect(second!.textContent).toContain('unreachable');
    expect(second!.textContent).toContain('It does not answer.');
    const sockets = await screen.findByTestId('chart-sockets');
    expect(within(sockets).getByRole('img').getAttribute('aria-label')).toBe('Sockets: now 12, at most 14 in the last hour');
    expect(screen.getByTestId('chart-p99').textContent).toContain('no values yet');
    expect(screen.getByTestId('chart-cpu').textContent).toContain('10.0.0.6:4053–');
  });

  it('says that it cannot be loaded, and why', async () => {
    show('sockets', new ApiError(503, 'unavailable'));
    expect((await screen.findByTestId('form-error')).textContent).toBe('This could not be loaded. The server is busy right now. Try again in a moment.');
    expect(screen.queryByTestId('admin-socket-table')).toBeNull();
  });

  it('lists rooms and sockets', async () => {
    const { api, user } = show('rooms');
    expect((await screen.findByTestId('admin-room-table')).textContent).toContain('secrets');
    expect(screen.getByRole('img', { name: 'Private room' })).toBeTruthy();
    await user.type(screen.getByTestId('admin-room-search'), 'sec');
    await waitFor(() => expect(api.allRooms).toHaveBeenLastCalledWith('sec'));
  });

  it('shows for how long sockets are open', async () => {
    show('sockets');
    expect((await screen.findByTestId('admin-socket-table')).textContent).toContain('@ana10.0.0.5:40532 hr3 sec');
  });

  it('retries work at once, and drops it only when that is confirmed', async () => {
    const { api, user } = show('work');
    await user.click(await screen.findByTestId('work-retry'));
    expect(api.retryWork).toHaveBeenCalledWith('7');
    await waitFor(() => expect(toasts.get()[0]?.title).toBe('It is tried again.'));
    await user.click(screen.getByTestId('work-drop'));
    expect(api.dropWork).not.toHaveBeenCalled();
    await user.click(await screen.findByTestId('work-drop-confirm'));
    expect(api.dropWork).toHaveBeenCalledWith('7');
    expect((await screen.findByTestId('work-empty')).textContent).toContain('No work is left');
    expect(screen.queryByTestId('work-drop-dialog')).toBeNull();
  });

  it('asks for work of one state', async () => {
    const { api, user } = show('work');
    await user.click(await screen.findByTestId('work-dead'));
    await waitFor(() => expect(api.work).toHaveBeenLastCalledWith('dead'));
  });
});

describe('Chart', () => {
  it('draws a line for each stretch of known values', () => {
    expect(path([null, 1, 1, null, 0], 1)).toBe('M80 3L160 3M320 85h0.01');
  });

  it.each([[0, 1], [1, 1], [1.5, 2], [3, 5], [7, 10], [420, 500], [0.03, 0.05]])('rounds %d up to %d', (value, top) => {
    expect(niceTop(value)).toBeCloseTo(top);
  });
});
