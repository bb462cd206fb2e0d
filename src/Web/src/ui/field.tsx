import { useId, type ComponentProps, type ReactNode } from 'react';
import styles from './field.module.css';

interface FieldProps extends ComponentProps<'input'> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: string | undefined;
  /** A control at the end of the field, inside its frame. */
  trailing?: ReactNode;
}

export function Field({ label, hint, error, optional, trailing, 'aria-describedby': described, ...input }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  const descriptions = [note && `${id}-note`, described].filter(Boolean).join(' ');
  return (
    <div className={styles['field']} data-invalid={error !== undefined || undefined}>
      <label htmlFor={id}>
        {label}
        {optional && <span className={styles['optional']}> · {optional}</span>}
      </label>
      <div className={styles['frame']}>
        <input id={id} aria-invalid={error !== undefined} aria-describedby={descriptions === '' ? undefined : descriptions} {...input} />
        {trailing}
      </div>
      {note && (
        <p id={`${id}-note`} className={styles['note']} data-testid={error ? `error-${input.name ?? 'field'}` : undefined}>
          {note}
        </p>
      )}
    </div>
  );
}

/** What went wrong with the whole form: read out as it appears. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <div role="alert">
      {children ? <p className={styles['formError']} data-testid="form-error">{children}</p> : null}
    </div>
  );
}
