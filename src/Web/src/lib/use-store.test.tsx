import { act, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Store } from './store';
import { useStoreByFrame } from './use-store';

const nextFrame = () => act(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

describe('useStoreByFrame', () => {
  it('renders once a frame, however many changes a burst brings, and then the newest value', async () => {
    const count = new Store(0);
    const name = new Store('a');
    const rendered = vi.fn();
    function Shown() {
      const value = useStoreByFrame(count, (n) => n);
      const text = useStoreByFrame(name, (s) => s);
      rendered();
      return <p>{text}{value}</p>;
    }
    render(<Shown />);
    rendered.mockClear();
    for (let i = 1; i <= 500; i++) {
      count.set(i);
      name.set(`b${i}-`);
    }
    expect(rendered).not.toHaveBeenCalled();
    await nextFrame();
    expect(screen.getByText('b500-500')).toBeTruthy();
    expect(rendered).toHaveBeenCalledTimes(1);
  });

  it('leaves what does not change alone', async () => {
    const rooms = new Store<ReadonlyMap<string, { n: number }>>(new Map([['a', { n: 1 }], ['b', { n: 1 }]]));
    const rendered = vi.fn();
    function Room({ id }: { id: string }) {
      const room = useStoreByFrame(rooms, (all) => all.get(id));
      rendered(id);
      return <p>{id}{room?.n}</p>;
    }
    render(<><Room id="a" /><Room id="b" /></>);
    rendered.mockClear();
    rooms.update((all) => new Map(all).set('a', { n: 2 }));
    await nextFrame();
    expect(rendered.mock.calls).toEqual([['a']]);
  });

  it('does not render after it is gone', async () => {
    const count = new Store(0);
    const Shown = () => <p>{useStoreByFrame(count, (n) => n)}</p>;
    const { unmount } = render(<Shown />);
    count.set(1);
    unmount();
    await nextFrame();
    expect(document.body.textContent).toBe('');
  });
});

describe('A store', () => {
  it('tells every listener, also after one that throws, and reports what it threw', () => {
    const reported = vi.fn(); // jsdom has none
    vi.stubGlobal('reportError', reported);
    const store = new Store(0);
    const second = vi.fn();
    store.subscribe(() => {
      throw new Error('the first fails');
    });
    store.subscribe(second);
    store.set(1);
    expect(store.get()).toBe(1);
    expect(second).toHaveBeenCalledTimes(1);
    expect(reported).toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });
});
