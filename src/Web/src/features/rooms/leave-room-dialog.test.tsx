import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Member } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { ChatContext } from '@/lib/session/session-context';
import { Store } from '@/lib/store';
import { LeaveRoomDialog } from './leave-room-dialog';

const memberOf = (id: string, role: string): Member => ({ user: { id, username: id, displayName: id }, role, online: null, joinedAt: null });

function show(role: string, others: readonly string[], nextCursor: string | null = null) {
  const items = [memberOf('u_me', role), ...others.map((other, i) => memberOf(`u_${i}`, other))];
  const members = new Store(new Map([['r_1', { items, nextCursor, status: 'ready' }]]));
  const chat = { client: { live: { members } }, me: { id: 'u_me' } } as unknown as Parameters<typeof ChatContext>[0]['value'];
  const onMembers = vi.fn();
  const room = { id: 'r_1', name: 'Room', role, visibility: 'public' } as RoomEntry;
  render(<ChatContext value={chat}><LeaveRoomDialog room={room} onMembers={onMembers} onClose={() => undefined} /></ChatContext>);
  return { onMembers, user: userEvent.setup() };
}

describe('LeaveRoomDialog', () => {
  it('tells the only owner first to make another, and shows of whom', async () => {
    const { onMembers, user } = show('owner', ['admin', 'member']);
    expect(screen.getByTestId('leave-dialog').textContent).toContain('You are the only owner.');
    expect(screen.queryByTestId('leave-confirm')).toBeNull();
    await user.click(screen.getByTestId('leave-members'));
    expect(onMembers).toHaveBeenCalledOnce();
  });

  it.each([
    ['an owner beside another', 'owner', ['owner', 'member'], null],
    ['an owner who is alone', 'owner', [], null],
    ['an owner of whose members not all are known', 'owner', ['member'], 'more'],
    ['a member', 'member', ['member'], null],
  ] as const)('lets %s leave', (_, role, others, cursor) => {
    show(role, others, cursor);
    expect(screen.queryByTestId('leave-confirm')).not.toBeNull();
  });
});
