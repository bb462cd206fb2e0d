import { Check } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import styles from './menu.module.css';

interface MenuProps {
  /** The button's content and its name. */
  trigger: ReactNode;
  label: string;
  /** The trigger has a text that names it; the label then only describes it. */
  named?: boolean;
  children: ReactNode;
  className?: string | undefined;
  /** Auto: to where there is more room. */
  side?: 'up' | 'down' | 'auto';
  align?: 'start' | 'end';
  testId?: string;
  tabIndex?: number | undefined;
}

export function Menu({ trigger, label, named = false, children, className, side = 'down', align = 'end', testId, tabIndex }: MenuProps) {
  const [open, setOpen] = useState(false);
  const [low, setLow] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    items(list.current)[0]?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items(list.current);
    const at = all.findIndex((item) => item === document.activeElement);
    if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all.at(at - 1)?.focus();
    else if (event.key === 'Home') all[0]?.focus();
    else if (event.key === 'End') all.at(-1)?.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={root} className={styles['root']}>
      <button
        type="button"
        className={className}
        tabIndex={tabIndex}
        aria-label={named ? undefined : label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        data-testid={testId}
        onClick={({ currentTarget }) => {
          setLow(currentTarget.getBoundingClientRect().top > innerHeight / 2);
          setOpen(!open);
        }}
      >
        {trigger}
      </button>
      {open && (
        <div ref={list} id={id} role="menu" tabIndex={-1} aria-label={label} className={styles['list']} data-side={side === 'auto' ? (low ? 'up' : 'down') : side} data-align={align} onKeyDown={onKeyDown} onClick={close}>
          {children}
        </div>
      )}
    </div>
  );
}

interface MenuItemProps {
  icon: ReactNode;
  children: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  /** One of several, of which one is in use. */
  checked?: boolean;
  testId?: string;
}

export function MenuItem({ icon, children, onSelect, danger = false, checked, testId }: MenuItemProps) {
  return (
    <button type="button" role={checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={checked} tabIndex={-1} className={styles['item']} data-danger={danger || undefined} data-testid={testId} onClick={onSelect}>
      {icon}
      <span>{children}</span>
      {checked === true && <Check aria-hidden="true" />}
    </button>
  );
}

const items = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
