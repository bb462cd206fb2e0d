import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionState } from '@/lib/socket/socket-client';
import { ConnectionBanner } from './connection-banner';

const show = (state: ConnectionState, onRetry = vi.fn()) => {
  const view = render(<ConnectionBanner state={state} onRetry={onRetry} />);
  act(() => void vi.advanceTimersByTime(500));
  return { ...view, onRetry };
};

describe('ConnectionBanner', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it('is silent while all is well, and about a pause too short to matter', () => {
    show({ phase: 'live' });
    expect(screen.queryByTestId('connection-banner')).toBeNull();
    render(<ConnectionBanner state={{ phase: 'syncing', first: false }} onRetry={vi.fn()} />);
    expect(screen.queryByTestId('connection-banner')).toBeNull();
  });

  it('counts down, and retries at once when asked', () => {
    const { onRetry } = show({ phase: 'waiting', retryAt: Date.now() + 5_500, first: false });
    expect(screen.getByTestId('retry-countdown').textContent).toBe('Trying again in 5 seconds.');
    act(() => void vi.advanceTimersByTime(4_000));
    expect(screen.getByTestId('retry-countdown').textContent).toBe('Trying again in 1 second.');
    fireEvent.click(screen.getByTestId('retry-now'));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('tells catching up from being away', () => {
    show({ phase: 'syncing', first: false });
    expect(screen.getByTestId('connection-banner').dataset['state']).toBe('syncing');
    expect(screen.getByText('Catching up…')).toBeTruthy();
  });
});
