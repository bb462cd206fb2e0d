import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { isLong, LongText } from './long-text';

describe('LongText', () => {
  it('counts lines as they will be shown', () => {
    expect(isLong(Array(12).fill('line').join('\n'))).toBe(false);
    expect(isLong(Array(13).fill('line').join('\n'))).toBe(true);
    expect(isLong('x'.repeat(1_200))).toBe(false);
    expect(isLong('x'.repeat(1_201))).toBe(true);
  });

  it('shows all where the reader wants it, also when the row comes back', async () => {
    const text = Array(20).fill('line').join('\n');
    const { unmount } = render(<LongText id="a" text={text} tabIndex={0} />);
    const button = () => screen.getByTestId('message-more');
    expect(button().getAttribute('aria-expanded')).toBe('false');
    await userEvent.click(button());
    expect(button().getAttribute('aria-expanded')).toBe('true');
    unmount();
    render(<LongText id="a" text={text} tabIndex={0} />);
    expect(button().getAttribute('aria-expanded')).toBe('true');
  });
});
