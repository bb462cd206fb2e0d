import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Member } from '@/lib/api/schemas';
import type { MemberList, Presence } from '@/lib/chat/live-rooms';
import { ChatContext } from '@/lib/session/session-context';
import { Store } from '@/lib/store';
import { MembersPanel } from './members-panel';

const member = (id: string, displayName: string): Member =>
  ({ user: { id, username: id, displayName }, role: 'member', online: null, joinedAt: null });

function show() {
  const items = [member('u_ana', 'Ana'), member('u_bo', 'Bo'), member('u_cy', 'Cy')];
  const presence = new Store<ReadonlyMap<string, Presence>>(new Map());
  const members = new Store<ReadonlyMap<string, MemberList>>(new Map([['r_1', { items, nextCursor: null, status: 'ready' }]]));
  const chat = { me: { id: 'u_ana' }, client: { live: { members, presence }, users: new Store(new Map()), people: { avatars: new Store(new Map()), want: () => undefined } } };
  const online = (...ids: string[]) => presence.set(new Map([['r_1', { state: 'ok', online: new Set(ids), count: ids.length }]]));
  online('u_ana', 'u_bo', 'u_cy');
  render(
    <ChatContext value={chat as unknown as Parameters<typeof ChatContext>[0]['value']}>
      <button type="button">elsewhere</button>
      <MembersPanel room="r_1" role="owner" count={3} onRemove={() => undefined} onClose={() => undefined} />
    </ChatContext>,
  );
  return { online, user: userEvent.setup() };
}

const row = (id: string) => screen.getAllByTestId('member').find((element) => element.dataset['userId'] === id)!;
const sectionOf = (id: string) => row(id).closest('section')!.querySelector('h3')!.textContent;

describe('MembersPanel', () => {
  it('keeps an open menu while its member goes offline, and sorts the list when it is no longer in use', async () => {
    const { online, user } = show();
    await user.click(within(row('u_cy')).getByTestId('member-menu'));
    const item = screen.getByTestId('ban');

    act(() => online('u_ana', 'u_bo'));
    await expect.poll(() => row('u_cy').dataset['online']).toBe('false');
    expect(item.isConnected).toBe(true);
    expect(sectionOf('u_cy')).toMatch(/^Online/);

    await user.keyboard('{Escape}');
    await user.click(screen.getByText('elsewhere'));
    expect(sectionOf('u_cy')).toMatch(/^Offline/);
  });

  it('moves a member at once while nobody uses the list', async () => {
    const { online } = show();
    act(() => online('u_ana', 'u_bo'));
    await expect.poll(() => sectionOf('u_cy')).toMatch(/^Offline/);
  });
});
