import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import type { Person } from '@/lib/api/schemas';
import { setLocale } from '@/lib/i18n/i18n';
import { ChatContext } from '@/lib/session/session-context';
import { Store } from '@/lib/store';
import { NewMessageDialog } from './new-message-dialog';

const person = (name: string): Person => ({ id: `u_${name}`, username: name, displayName: name, avatar: null, status: null });
const all = ['ana', 'bo', 'bea'].map(person);

function show(failure?: ApiError) {
  const openDirect = vi.fn(() => (failure ? Promise.reject(failure) : Promise.resolve('r_direct')));
  const searchPeople = vi.fn((text: string) => Promise.resolve({ items: all.filter(({ username }) => username.startsWith(text)), nextCursor: null }));
  const onClose = vi.fn();
  const people = { avatars: new Store(new Map()), want: vi.fn(), learn: vi.fn() };
  const chat = { me: all[0], client: { api: { searchPeople }, openDirect, people } } as unknown as Parameters<typeof ChatContext>[0]['value'];
  render(<ChatContext value={chat}><NewMessageDialog onClose={onClose} /></ChatContext>);
  return { openDirect, onClose, user: userEvent.setup(), input: screen.getByTestId('people-search') };
}

describe('NewMessageDialog', () => {
  beforeEach(() => setLocale('en'));

  it('chooses several people by keyboard alone, and opens their room', async () => {
    const { openDirect, onClose, user, input } = show();
    await user.type(input, 'b');
    await waitFor(() => expect(screen.getAllByTestId('person-option').map(({ dataset }) => dataset['userId'])).toEqual(['u_bo', 'u_bea']));
    await user.keyboard('{ArrowDown}{Enter}');
    await user.type(input, 'b');
    await waitFor(() => expect(screen.getAllByTestId('person-option')).toHaveLength(1));
    await user.keyboard('{Enter}{Enter}');
    expect(openDirect).toHaveBeenCalledWith(['u_bea', 'u_bo']);
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(location.hash).toBe('#/r/r_direct');
  });

  it('takes the last one back with Backspace, and never offers oneself', async () => {
    const { openDirect, user, input } = show();
    await user.type(input, 'bo');
    await waitFor(() => expect(screen.getAllByTestId('person-option')).toHaveLength(1));
    await user.keyboard('{Enter}{Backspace}{Enter}');
    expect(screen.queryByTestId('person-chip')).toBeNull();
    expect(openDirect).not.toHaveBeenCalled();
    await user.type(input, 'ana');
    await screen.findByText('Nobody’s name begins with “ana”.');
  });

  it('says why it could not', async () => {
    const { onClose, user, input } = show(new ApiError(403, 'blocked'));
    await user.type(input, 'bo');
    await waitFor(() => expect(screen.getAllByTestId('person-option')).toHaveLength(1));
    await user.keyboard('{Enter}{Enter}');
    await waitFor(() => expect(screen.getByTestId('form-error').textContent).toBe('You cannot write to this person.'));
    expect(onClose).not.toHaveBeenCalled();
  });
});
