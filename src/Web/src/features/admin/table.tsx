import type { ReactNode } from 'react';
import styles from './admin.module.css';

interface TableProps {
  label: string;
  /** Numbers are aligned to their end. */
  columns: readonly { readonly name: string; readonly isNumber?: boolean }[];
  rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
  testId: string;
}

/** Scrolls sideways by itself where it is wider than the page; the first column names the row. */
export function Table({ label, columns, rows, testId }: TableProps) {
  return (
    <div className={styles['scroll']} role="region" aria-label={label} tabIndex={0}>
      <table className={styles['table']} data-testid={testId}>
        <thead>
          <tr>{columns.map(({ name, isNumber }) => <th key={name} scope="col" data-number={isNumber || undefined}>{name}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key} data-key={key}>
              {cells.map((cell, i) => {
                const column = columns[i];
                return i === 0
                  ? <th key={column?.name} scope="row">{cell}</th>
                  : <td key={column?.name} data-number={column?.isNumber || undefined}>{cell}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
