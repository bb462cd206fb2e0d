import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LinkCard } from '@/lib/api/schemas';
import { setLocale } from '@/lib/i18n/i18n';
import { LinkCards } from './link-cards';

const card = (extra: Partial<LinkCard> = {}): LinkCard =>
  ({ url: 'https://example.org/a', title: 'Page A', description: 'About A', site: 'example.org', image: null, ...extra });

describe('LinkCards', () => {
  beforeEach(() => setLocale('en'));

  it('shows what the page says as text, and opens it without a way back', () => {
    render(<LinkCards cards={[card({ title: '<b>Page</b>' })]} tabIndex={0} />);
    const link = screen.getByTestId('link-card');
    expect(link.textContent).toContain('<b>Page</b>');
    expect(link.getAttribute('href')).toBe('https://example.org/a');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.querySelector('img')).toBeNull();
  });

  it('shows an image only from this server, and only where the card has one', () => {
    render(<LinkCards cards={[card({ image: { id: 'f_1', width: 400, height: 200, placeholder: null } })]} tabIndex={0} />);
    expect(screen.getByTestId('link-card').querySelector('img')!.getAttribute('src')).toBe('/api/files/f_1?thumb=small');
  });

  it('shows no card whose address is none to follow', () => {
    const { container } = render(<LinkCards cards={[card({ url: 'javascript:alert(1)' })]} tabIndex={0} />);
    expect(container.textContent).toBe('');
  });

  it('offers the removal to the author alone', async () => {
    const onRemove = vi.fn();
    const { rerender } = render(<LinkCards cards={[card()]} tabIndex={0} />);
    expect(screen.queryByTestId('link-cards-remove')).toBeNull();
    rerender(<LinkCards cards={[card()]} tabIndex={0} onRemove={onRemove} />);
    await userEvent.click(screen.getByRole('button', { name: 'Remove link previews' }));
    expect(onRemove).toHaveBeenCalledTimes(1);
  });
});
