import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import type { Member } from '@/lib/api/schemas';
import { ChatContext } from '@/lib/session/session-context';
import { toasts } from '@/lib/toasts';
import { MemberMenu } from './member-menu';

function show(role: string | null, other: string, failure?: ApiError) {
  const changeRole = vi.fn(() => (failure ? Promise.reject(failure) : Promise.resolve()));
  const onRemove = vi.fn();
  const member: Member = { user: { id: 'u_2', username: 'bo', displayName: 'Bo' }, role: other, online: null, joinedAt: null };
  const chat = { client: { changeRole } } as unknown as Parameters<typeof ChatContext>[0]['value'];
  render(<ChatContext value={chat}><MemberMenu room="r_1" role={role} member={member} name="Bo" onRemove={onRemove} /></ChatContext>);
  return { changeRole, onRemove, member, user: userEvent.setup() };
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
  ])('offers the %s what may be done with a %s', async (role, other, items) => {
    const { user } = show(role, other);
    expect(await offered(user)).toEqual(items);
  });

  it.each([['admin', 'admin'], ['admin', 'owner'], ['member', 'member'], [null, 'member']])('is not there for %s over %s', (role, other) => {
    show(role, other);
    expect(screen.queryByTestId('member-menu')).toBeNull();
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
