import { createEvent, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { act, createRef } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Message } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { ChatContext } from '@/lib/session/session-context';
import { Store } from '@/lib/store';
import type { UploadEvents } from '@/lib/uploads/upload-transport';
import { Uploads } from '@/lib/uploads/uploads';
import { message } from '@/test/build';
import { ana, bruno } from '@/test/fake-socket';
import { Composer, type ComposerHandle } from './composer';

const room = { id: 'r_1', name: 'general' } as RoomEntry;

function show(thread?: Message) {
  const started: UploadEvents[] = [];
  const limits = new Store({ frameBytes: 65_536, textBytes: 16_384, sendPerSec: 5, burst: 20, fileBytes: 2_048, fileTypes: [], messageFiles: 2 });
  const uploads = new Uploads({
    transport: { start: (_, events) => (started.push(events), () => undefined) },
    limits: limits.get,
    resumeKey: () => 'key',
    remove: () => Promise.resolve(),
    keep: () => undefined,
    previews: { open: () => 'blob:x', close: () => undefined, measure: () => Promise.resolve(null) },
  });
  const send = vi.fn();
  const members = new Store(new Map([['r_1', { items: [ana, bruno].map((user) => ({ user, role: 'member', online: true, joinedAt: null })), nextCursor: null, status: 'ready' as const }]]));
  const people = { avatars: new Store(new Map<string, string | null>([[bruno.id, null]])), want: vi.fn() };
  const rooms = new Store(new Map([['r_1', room]]));
  const client = { limits, users: new Store(new Map()), uploads, send, people, rooms, live: { sent: vi.fn(), typed: vi.fn(), members } };
  const chat = { client, me: ana } as unknown as Parameters<typeof ChatContext>[0]['value'];
  const ref = createRef<ComposerHandle>();
  render(<ChatContext value={chat}><Composer ref={ref} room={room} {...(thread && { thread })} replyTo={null} onCancelReply={() => undefined} onLeaveUp={() => undefined} /></ChatContext>);
  const finish = (index: number) => act(() => started[index]!.onDone(`/api/uploads/f_${index + 1}`));
  return { started, finish, send, ref, user: userEvent.setup(), input: screen.getByTestId(thread ? 'thread-input' : 'composer-input'), button: screen.getByTestId<HTMLButtonElement>(thread ? 'thread-send' : 'composer-send') };
}

const file = (name: string, bytes = 10) => new File([new Uint8Array(bytes)], name, { type: 'text/plain' });

describe('Composer', () => {
  beforeEach(() => {
    localStorage.clear();
  });

  it('sends files without a text, once they are uploaded, and not before', async () => {
    const { finish, send, user, input, button, started } = show();
    await user.upload(screen.getByTestId('file-input'), [file('a.txt'), file('b.txt')]);
    act(() => started[0]!.onProgress(4));
    expect(screen.getAllByTestId('attachment-progress')[0]!.getAttribute('aria-valuenow')).toBe('40');
    finish(0);
    await user.type(input, '{Enter}');
    expect(send).not.toHaveBeenCalled();
    expect(button.disabled).toBe(true);
    expect(screen.getByText('The message can be sent as soon as its files are uploaded.')).toBeTruthy();
    finish(1);
    await user.click(button);
    expect(send.mock.calls[0]!.slice(0, 3)).toEqual(['r_1', '', null]);
    expect((send.mock.calls[0]![3] as { id: string }[]).map(({ id }) => id)).toEqual(['f_1', 'f_2']);
    expect(screen.queryByTestId('attachments')).toBeNull();
  });

  it('sends files into a thread', async () => {
    const { finish, send, user, button } = show(message(7, 7));
    await user.upload(screen.getByTestId('file-input'), [file('a.txt')]);
    finish(0);
    await user.click(button);
    expect(send).toHaveBeenCalledExactlyOnceWith('r_1', '', null, [expect.objectContaining({ id: 'f_1' })], 'r_1.7');
    expect(screen.queryByTestId('attachments')).toBeNull();
  });

  it('completes a mention by keyboard, at the caret, and leaves what follows', async () => {
    const { send, user, input } = show();
    await user.type(input, 'ask @br');
    expect(screen.getByTestId('suggestion').textContent).toContain('@bruno');
    expect(input.getAttribute('aria-activedescendant')).toBe(screen.getByTestId('suggestion').id);
    await user.keyboard('{Enter}');
    expect((input as HTMLTextAreaElement).value).toBe('ask @bruno ');
    expect(screen.queryByTestId('suggestions')).toBeNull();
    await user.type(input, '@br');
    await user.keyboard('{Escape}');
    expect(screen.queryByTestId('suggestions')).toBeNull();
    await user.keyboard('{Enter}');
    expect(send.mock.calls[0]![1]).toBe('ask @bruno @br');
  });

  it('says at once what is too large, and what a message has no room for', async () => {
    const { started, user, button } = show();
    await user.upload(screen.getByTestId('file-input'), [file('big.txt', 2_049)]);
    expect(screen.getByTestId('attachment').dataset['state']).toBe('refused');
    expect(screen.getByTestId('attachment-status').textContent).toBe('Too large: at most 2 kB');
    expect(screen.getByTestId('attachments-status').textContent).toContain('big.txt: The file is too large.');
    expect(started).toEqual([]);
    expect(button.disabled).toBe(true);
  });

  it('takes pasted and dropped files, and leaves a spreadsheet’s cells text', () => {
    const { input, ref } = show();
    const paste = (types: string[], files: File[]) => {
      const event = createEvent.paste(input, { clipboardData: { types, files } });
      fireEvent(input, event);
      return event.defaultPrevented;
    };
    expect(paste(['text/plain', 'text/html', 'Files'], [file('image.png')])).toBe(false);
    expect(screen.queryByTestId('attachment')).toBeNull();
    expect(paste(['Files'], [file('image.png')])).toBe(true);
    expect(screen.getByTestId('file-name').textContent).toMatch(/^Pasted image \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/);
    act(() => ref.current!.attach([file('dropped.txt')]));
    expect(screen.getAllByTestId('attachment')).toHaveLength(2);
  });

  it('offers another try for what has failed, and moves the focus on from what is removed', async () => {
    const { started, finish, user, input } = show();
    await user.upload(screen.getByTestId('file-input'), [file('a.txt'), file('b.txt')]);
    act(() => started[0]!.onError({ code: 'quota_exceeded', retryable: false, retryAfterMs: null }));
    const failed = screen.getAllByTestId('attachment')[0]!;
    expect(failed.textContent).toContain('Your files take all the space you have.');
    await user.click(within(failed).getByRole('button', { name: 'Try a.txt again' }));
    expect(started).toHaveLength(3);
    finish(1);
    await user.click(screen.getByRole('button', { name: 'Cancel the upload of a.txt' }));
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Remove b.txt' }));
    await user.keyboard('{Enter}');
    expect(document.activeElement).toBe(input);
  });
});
