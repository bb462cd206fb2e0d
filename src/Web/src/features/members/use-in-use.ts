import { useMemo, useState, type FocusEvent } from 'react';

/** Whether the pointer is over an element or the focus within it, and the listeners that the element needs for that. */
export function useInUse() {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const listeners = useMemo(() => ({
    onPointerEnter: () => setPointed(true),
    onPointerLeave: () => setPointed(false),
    onFocus: () => setFocused(true),
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => setFocused(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)),
  }), []);
  return [pointed || focused, listeners] as const;
}
