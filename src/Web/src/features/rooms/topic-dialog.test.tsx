import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { setLocale } from '@/lib/i18n/i18n';
import { ChatContext } from '@/lib/session/session-context';
import { TopicDialog } from './topic-dialog';

const room = { id: 'r_1', name: 'general', topic: 'first' } as RoomEntry;

function show(failure?: ApiError) {
  const changeTopic = vi.fn(() => (failure ? Promise.reject(failure) : Promise.resolve()));
  const onClose = vi.fn();
  const chat = { client: { changeTopic } } as unknown as Parameters<typeof ChatContext>[0]['value'];
  render(<ChatContext value={chat}><TopicDialog room={room} onClose={onClose} /></ChatContext>);
  return { changeTopic, onClose, input: screen.getByTestId<HTMLInputElement>('topic-input'), user: userEvent.setup() };
}

describe('TopicDialog', () => {
  beforeEach(() => setLocale('en'));

  it('begins with the topic, saves by Enter and closes', async () => {
    const { changeTopic, onClose, input, user } = show();
    expect(input.value).toBe('first');
    expect(document.activeElement).toBe(input);
    await user.clear(input);
    await user.type(input, ' of things {Enter}');
    expect(changeTopic).toHaveBeenCalledWith('r_1', 'of things');
    await waitFor(() => expect(onClose).toHaveBeenCalled());
  });

  it('says what is too long without asking the server', async () => {
    const { changeTopic, input, user } = show();
    await user.click(input);
    await user.paste('x'.repeat(251));
    await user.click(screen.getByTestId('topic-submit'));
    expect(screen.getByTestId('error-topic').textContent).toBe('Use at most 250 characters.');
    expect(changeTopic).not.toHaveBeenCalled();
  });

  it.each([
    [new ApiError(403, 'forbidden'), 'form-error', 'You are not allowed to do this.'],
    [new ApiError(400, 'invalid', ['topic']), 'error-topic', 'Use at most 250 characters.'],
  ])('stays open and says %s', async (failure, testId, text) => {
    const { onClose, user } = show(failure);
    await user.click(screen.getByTestId('topic-submit'));
    expect((await screen.findByTestId(testId)).textContent).toBe(text);
    expect(onClose).not.toHaveBeenCalled();
    expect(screen.getByTestId<HTMLButtonElement>('topic-submit').disabled).toBe(false);
  });
});
