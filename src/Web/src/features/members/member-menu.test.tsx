import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import type { Member } from '@/lib/api/schemas';
import { profileShown } from '@/lib/overlays';
import { ChatContext } from '@/lib/session/session-context';
import { toasts } from '@/lib/toasts';
import { MemberMenu } from './member-menu';

function show(role: string | null, other: string, failure?: ApiError) {
  const changeRole = vi.fn(() => (failure ? Promise.reject(failure) : Promise.resolve()));
  const onRemove = vi.fn();
  const openDirect = vi.fn(() => Promise.resolve('r_direct'));
  const member: Member = { user: { id: 'u_2', username: 'bo', displayName: 'Bo' }, role: other, online: null, joinedAt: null };
  const chat = { client: { changeRole, openDirect } } as unknown as Parameters<typeof ChatContext>[0]['value'];
  render(<ChatContext value={chat}><MemberMenu room="r_1" role={role} member={member} name="Bo" onRemove={onRemove} /></ChatContext>);
  return { changeRole, openDirect, onRemove, member, user: userEvent.setup() };
}

const offered = async (user: ReturnType<typeof userEvent.setup>) => {
  await user.click(screen.getByTestId('member-menu'));
  return screen.getAllByRole('menuitem').map((item) => item.dataset['testid']);
};

describe('MemberMenu', () => {
  beforeEach(() => {
    toasts.set([]);
  });

  it.each([
    ['owner', 'member', ['make-admin', 'make-owner', 'kick', 'ban']],
    ['owner', 'admin', ['make-member', 'make-owner', 'kick', 'ban']],
    ['owner', 'owner', ['make-member', 'make-admin']],
    ['admin', 'member', ['kick', 'ban']],
    ['admin', 'admin', []],
    ['admin', 'owner', []],
    ['member', 'member', []],
    [null, 'member', []],
  ])('offers the %s what may be done with a %s', async (role, other, items) => {
    const { user } = show(role, other);
    expect(await offered(user)).toEqual(['message-member', 'show-profile', ...items]);
  });

  it('opens the direct room of the two', async () => {
    const { openDirect, user } = show('member', 'member');
    await offered(user);
    await user.click(screen.getByTestId('message-member'));
    expect(openDirect).toHaveBeenCalledWith(['u_2']);
    await waitFor(() => expect(location.hash).toBe('#/r/r_direct'));
  });

  it('shows the profile', async () => {
    const { user } = show('member', 'member');
    await offered(user);
    await user.click(screen.getByTestId('show-profile'));
    expect(profileShown.get()).toEqual({ user: 'u_2', room: 'r_1' });
  });

  it('changes the role and says so', async () => {
    const { changeRole, user } = show('owner', 'member');
    await offered(user);
    await user.click(screen.getByTestId('make-admin'));
    expect(changeRole).toHaveBeenCalledWith('r_1', 'u_2', 'admin');
    await waitFor(() => expect(toasts.get().map(({ title }) => title)).toEqual(['Bo is an admin now.']));
  });

  it('says why it could not', async () => {
    const { user } = show('owner', 'owner', new ApiError(409, 'last_owner'));
    await offered(user);
    await user.click(screen.getByTestId('make-member'));
    await waitFor(() => expect(toasts.get().map(({ title }) => title)).toEqual(['You are the only owner. Make somebody else an owner first.']));
  });

  it('asks before it removes', async () => {
    const { onRemove, member, user } = show('admin', 'member');
    await offered(user);
    await user.click(screen.getByTestId('ban'));
    expect(onRemove).toHaveBeenCalledWith({ member, name: 'Bo', kind: 'ban' });
  });
});
