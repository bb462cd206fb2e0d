import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import { setLocale } from '@/lib/i18n/i18n';
import { message } from '@/test/build';
import { MessageEditor } from './message-editor';

function show(onSave = vi.fn(() => Promise.resolve()), text = 'before') {
  const onClose = vi.fn();
  render(<MessageEditor message={message(1, 1, { text })} maxBytes={20} onSave={onSave} onClose={onClose} />);
  return { onSave, onClose, user: userEvent.setup(), input: screen.getByTestId<HTMLTextAreaElement>('message-editor-input') };
}

describe('MessageEditor', () => {
  beforeEach(() => setLocale('en'));

  it('begins at the end of the text, and saves with Enter', async () => {
    const { onSave, onClose, user, input } = show();
    expect(document.activeElement).toBe(input);
    await user.type(input, ' after{Enter}');
    expect(onSave).toHaveBeenCalledExactlyOnceWith('before after');
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('changes nothing on Esc, nor where the text is the same', async () => {
    const { onSave, onClose, user, input } = show();
    await user.type(input, ' x{Escape}');
    await user.clear(input);
    await user.type(input, 'before{Enter}');
    expect(onSave).not.toHaveBeenCalled();
    expect(onClose).toHaveBeenCalledTimes(2);
  });

  it('does not save an empty text or one that is too long, and keeps what was refused', async () => {
    const { onSave, onClose, user, input } = show(vi.fn(() => Promise.reject(new ApiError(404, 'not_found'))));
    await user.clear(input);
    expect(screen.getByTestId<HTMLButtonElement>('message-editor-save').disabled).toBe(true);
    await user.type(input, 'é'.repeat(11));
    expect(screen.getByRole('alert').textContent).toContain('2 bytes');
    await user.clear(input);
    await user.type(input, 'new{Enter}');
    expect(onSave).toHaveBeenCalledExactlyOnceWith('new');
    expect(screen.getByRole('alert').textContent).toMatch(/^Not saved: /);
    expect(input.value).toBe('new');
    expect(onClose).not.toHaveBeenCalled();
  });
});
