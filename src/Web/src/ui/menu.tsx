import { Check } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { PopupMenu } from './popup-menu';
import buttonStyles from './button.module.css';
import styles from './menu.module.css';

interface MenuProps {
  /** The button's content and its name. */
  trigger: ReactNode;
  label: string;
  /** The trigger has a text that names it; the label then only describes it. */
  named?: boolean;
  children: ReactNode;
  /** Otherwise it looks as every button with an icon. */
  className?: string | undefined;
  /** With which edge of the button the list is in line. */
  align?: 'start' | 'end';
  testId?: string;
  tabIndex?: number | undefined;
}

/** A button with a menu: over all that scrolls, and where there is room for it. */
export function Menu({ trigger, label, named = false, children, className, align = 'end', testId, tabIndex }: MenuProps) {
  const [at, setAt] = useState<DOMRect | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  // The press that closes the menu from outside of it must not open it again, where it is a press of this button.
  const closes = useRef(false);

  return (
    <div className={styles['root']}>
      <button
        ref={button}
        type="button"
        className={className ?? buttonStyles['icon']}
        tabIndex={tabIndex}
        aria-label={named ? undefined : label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        data-testid={testId}
        onPointerDown={() => (closes.current = at !== null)}
        onClick={({ currentTarget }) => {
          if (!closes.current) setAt(currentTarget.getBoundingClientRect());
          closes.current = false;
        }}
      >
        {trigger}
      </button>
      {at && (
        <PopupMenu
          label={label}
          at={at}
          align={align}
          onClose={(refocus) => {
            setAt(null);
            if (refocus) button.current?.focus();
          }}
        >
          {children}
        </PopupMenu>
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
