import { useT } from '@/lib/i18n/use-t';
import type { Translator } from '@/lib/i18n/i18n';
import styles from './chart.module.css';

export interface Line {
  readonly name: string;
  /** Oldest first; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  title: string;
  lines: readonly Line[];
  format: (t: Translator, value: number) => string;
  testId?: string;
}

const width = 320;
const height = 88;
const colours = 6;

/** A line or some over the last hour. The last value is beside the title, and the whole is one image to a screen reader. */
export function Chart({ title, lines, format, testId }: ChartProps) {
  const t = useT();
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const top = niceTop(most);
  const now = lines.map(({ values }) => values.findLast((value) => value !== null) ?? null);
  const highest = now.reduce<number | null>((a, b) => (b === null ? a : Math.max(a ?? 0, b)), null);
  const label = highest === null
    ? `${title}: ${t('admin.chart.none')}`
    : t('admin.chart.label', { title, now: format(t, highest), most: format(t, most) });
  return (
    <figure className={styles['chart']} data-testid={testId}>
      <figcaption>
        <span>{title}</span>
        <strong>{highest === null ? t('admin.chart.none') : format(t, highest)}</strong>
      </figcaption>
      <div className={styles['plot']}>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
          {[0, 0.5, 1].map((at) => <line key={at} className={styles['grid']} x1={0} x2={width} y1={y(at, 1)} y2={y(at, 1)} />)}
          {lines.length === 1 && lines[0] && <path className={styles['area']} d={area(lines[0].values, top)} />}
          {lines.map(({ name, values }, i) => <path key={name} className={styles['line']} data-colour={i % colours} d={path(values, top)} />)}
        </svg>
        <span className={styles['top']} aria-hidden="true">{format(t, top)}</span>
      </div>
      <p className={styles['axis']} aria-hidden="true">
        {[60, 30, 0].map((count) => <span key={count}>{count === 0 ? t('admin.chart.now', { value: '' }).trim() : t('admin.chart.ago', { count })}</span>)}
      </p>
      {lines.length > 1 && (
        <ul className={styles['legend']}>
          {lines.map(({ name }, i) => {
            const value = now[i] ?? null;
            return (
              <li key={name}>
                <span className={styles['swatch']} data-colour={i % colours} aria-hidden="true" />
                <span className={styles['name']}>{name}</span>
                <span>{value === null ? '–' : format(t, value)}</span>
              </li>
            );
          })}
        </ul>
      )}
    </figure>
  );
}

/** The least of 1, 2 or 5 times a power of ten that is not below the value. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value * 0.999) ?? 10);
}

/** One line for each stretch of known values. */
export function path(values: readonly (number | null)[], top: number): string {
  let drawn = '';
  values.forEach((value, i) => {
    if (value !== null) drawn += `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${round(x(i, values.length))} ${round(y(value, top))}`;
    // A value alone is a dot: the caps of the line are round.
    if (value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null) drawn += 'h0.01';
  });
  return drawn;
}

function area(values: readonly (number | null)[], top: number): string {
  let drawn = '';
  for (let from = 0; from < values.length; from++) {
    if ((values[from] ?? null) === null) continue;
    let to = from;
    while (to + 1 < values.length && (values[to + 1] ?? null) !== null) to++;
    const stretch = values.slice(from, to + 1).map((value, i) => `L${round(x(from + i, values.length))} ${round(y(value ?? 0, top))}`).join('');
    drawn += `M${round(x(from, values.length))} ${height}${stretch}L${round(x(to, values.length))} ${height}Z`;
    from = to;
  }
  return drawn;
}

const x = (i: number, count: number): number => (count < 2 ? width : (i / (count - 1)) * width);
const y = (value: number, top: number): number => 3 + (1 - value / top) * (height - 6);
const round = (value: number): number => Math.round(value * 10) / 10;
