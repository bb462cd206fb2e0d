import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  variant?: 'primary' | 'secondary' | 'ghost' | 'danger';
  size?: 'm' | 's';
  busy?: boolean;
  wide?: boolean;
}

export function Button({ variant = 'secondary', size = 'm', busy = false, wide = false, className, children, disabled, ...rest }: ButtonProps) {
  const classes = [styles['button'], styles[variant], size === 's' && styles['small'], wide && styles['wide'], className];
  return (
    <button type="button" className={classes.filter(Boolean).join(' ')} disabled={disabled === true || busy} aria-busy={busy} {...rest}>
      {busy && <span className={styles['spinner']} aria-hidden="true" />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label'> {
  label: string;
  children: ReactNode;
  active?: boolean;
}

/** The label is what it does: read out, and shown as the tooltip. */
export function IconButton({ label, active = false, className, children, ...rest }: IconButtonProps) {
  const classes = [styles['icon'], active && styles['active'], className];
  return (
    <button type="button" className={classes.filter(Boolean).join(' ')} aria-label={label} title={label} {...rest}>
      {children}
    </button>
  );
}
