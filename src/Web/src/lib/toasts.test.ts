import { beforeEach, expect, it } from 'vitest';
import { shownOf, showToast, toasts, type Toast } from './toasts';

const toast = (key: string, tone: Toast['tone'] = 'info') => showToast({ key, title: key, tone });
const keys = () => toasts.get().map(({ key }) => key);

beforeEach(() => toasts.set([]));

it('shows three, and the oldest gives way', () => {
  for (const key of ['a', 'b', 'c', 'd']) toast(key);
  expect(keys()).toEqual(['b', 'c', 'd']);
});

it('never takes a mention away for something else', () => {
  toast('m1', 'mention');
  for (const key of ['a', 'b', 'c', 'd']) toast(key);
  expect(keys()).toEqual(['m1', 'c', 'd']);
  for (const key of ['m2', 'm3', 'm4']) toast(key, 'mention');
  expect(keys()).toEqual(['m1', 'm2', 'm3', 'm4']);
});

it('shows what can be taken back before what only tells, and errors before all', () => {
  toast('m', 'mention');
  for (const key of ['u1', 'u2']) showToast({ key, title: key, tone: 'info', action: { label: 'Undo', run: () => undefined } });
  for (const key of ['a', 'b', 'c']) toast(key);
  expect(keys()).toEqual(['m', 'u1', 'u2', 'c']);
  expect(shownOf(toasts.get())?.key).toBe('u2');
  toast('e', 'error');
  expect(shownOf(toasts.get())?.key).toBe('e');
});
