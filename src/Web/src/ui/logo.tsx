import { useId } from 'react';

/** The mark: a speech bubble that holds an A, whose bar is a node. */
export function Logo({ size = 28 }: { size?: number }) {
  const id = useId();
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#7a6cff" />
          <stop offset="1" stopColor="#4538d0" />
        </linearGradient>
      </defs>
      <path fill={`url(#${id})`} d="M9 2h14a7 7 0 0 1 7 7v10a7 7 0 0 1-7 7h-8.2l-5.9 4.4A1.2 1.2 0 0 1 7 29.4V25.7A7 7 0 0 1 2 19V9a7 7 0 0 1 7-7z" />
      <path fill="none" stroke="#fff" strokeWidth="2.8" strokeLinecap="round" strokeLinejoin="round" d="M9.6 19.6 16 8.4l6.4 11.2" />
      <circle cx="16" cy="17.6" r="2.1" fill="#fff" />
    </svg>
  );
}
