import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Settings } from '@/lib/api/schemas';
import type { SettingsChange } from '@/lib/chat/user-settings';
import { fullTime } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { canPush, isSubscribed, subscribe, unsubscribe } from '@/lib/push';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { Button } from '@/ui/button';
import { FormError } from '@/ui/field';
import sections from './settings-dialog.module.css';
import styles from './notices-section.module.css';

const levels = ['all', 'mentions', 'none'] as const;
const hourMs = 3_600_000;
const night = { from: '22:00', to: '07:00' };

/** What the user is told of, where, and when not. */
export function NoticesSection() {
  const t = useT();
  const { client } = useChat();
  const settings = useStore(client.settings.value, (value) => value);
  const [error, setError] = useState<string | null>(null);
  const change = (part: SettingsChange) => {
    setError(null);
    client.settings.change(part).catch((reason: unknown) => setError(errorCode(reason)));
  };
  return (
    <section className={sections['section']} data-testid="notices-section">
      <h3>{t('notices.title')}</h3>
      <FormError>{error !== null && t('rooms.preferences.failed', { reason: translateError(t, error) })}</FormError>
      <label className={styles['line']}>
        <span>{t('rooms.notify')}</span>
        <select data-testid="notices-level" value={settings.notify} onChange={({ target }) => change({ notify: levels.find((level) => level === target.value) ?? 'mentions' })}>
          {levels.map((level) => <option key={level} value={level}>{t(`rooms.notify.${level}`)}</option>)}
        </select>
      </label>
      <Quiet settings={settings} onChange={change} />
      <Desktop onError={setError} />
    </section>
  );
}

function Quiet({ settings, onChange }: { settings: Settings; onChange: (change: SettingsChange) => void }) {
  const t = useT();
  const { quietUntil, quietHours } = settings;
  const [now] = useState(Date.now);
  const quiet = quietUntil !== null && Date.parse(quietUntil) > now;
  const setHours = (part: Partial<typeof night>) => {
    const { from, to } = { ...night, ...quietHours, ...part };
    if (from !== '' && to !== '' && from !== to) onChange({ quietHours: { from, to, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone } });
  };
  return (
    <>
      <div className={styles['line']}>
        <span>{quiet ? t('notices.quiet.until', { time: fullTime(t, quietUntil) }) : t('notices.quiet')}</span>
        {quiet ? (
          <Button size="s" data-testid="quiet-end" onClick={() => onChange({ quietUntil: null })}>{t('notices.quiet.end')}</Button>
        ) : (
          <span className={styles['choices']}>
            <Button size="s" data-testid="quiet-hour" onClick={() => onChange({ quietUntil: new Date(Date.now() + hourMs).toISOString() })}>{t('notices.quiet.hour')}</Button>
            <Button size="s" data-testid="quiet-tomorrow" onClick={() => onChange({ quietUntil: tomorrow().toISOString() })}>{t('notices.quiet.tomorrow')}</Button>
          </span>
        )}
      </div>
      <label className={styles['check']}>
        <input type="checkbox" data-testid="quiet-hours" checked={quietHours !== null} onChange={({ target }) => (target.checked ? setHours({}) : onChange({ quietHours: null }))} />
        {t('notices.hours')}
      </label>
      {quietHours && (
        <div className={styles['hours']}>
          <label>{t('notices.hours.from')}<input type="time" data-testid="quiet-from" value={quietHours.from} onChange={({ target }) => setHours({ from: target.value })} /></label>
          <label>{t('notices.hours.to')}<input type="time" data-testid="quiet-to" value={quietHours.to} onChange={({ target }) => setHours({ to: target.value })} /></label>
        </div>
      )}
    </>
  );
}

/** Of this browser: notices of the desktop, and pushes while no page is open. */
function Desktop({ onError }: { onError: (code: string | null) => void }) {
  const t = useT();
  const { client, me } = useChat();
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : null));
  const [pushed, setPushed] = useState<boolean | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let current = true;
    void isSubscribed(me.id).then((value) => current && setPushed(value), () => current && setPushed(false));
    return () => {
      current = false;
    };
  }, [me.id]);

  const toggle = async (on: boolean) => {
    setBusy(true);
    onError(null);
    try {
      if (on) {
        const { registerWorker } = await import('@/lib/service-worker');
        const registration = await registerWorker();
        if (!registration) throw new Error('There is no service worker.');
        await subscribe(client.api, me.id, registration);
      } else {
        await unsubscribe(client.api, me.id);
      }
      setPushed(on);
    } catch (error) {
      console.warn('akkachat: the subscription was not changed', error);
      onError(errorCode(error));
    } finally {
      setBusy(false);
    }
  };

  if (permission === null) return <p className={styles['hint']}>{t('notices.desktop.none')}</p>;
  if (permission === 'denied') return <p className={styles['hint']} data-testid="desktop-denied">{t('notices.desktop.denied')}</p>;
  if (permission === 'default') {
    return (
      <div className={styles['line']}>
        <span>{t('notices.desktop')}</span>
        <Button size="s" data-testid="desktop-allow" onClick={() => void Notification.requestPermission().then(setPermission)}>{t('notices.desktop.allow')}</Button>
      </div>
    );
  }
  return (
    <>
      <p className={styles['hint']}>{t('notices.desktop.on')}</p>
      {canPush() && pushed !== null && (
        <label className={styles['check']}>
          <input type="checkbox" data-testid="push" checked={pushed} disabled={busy} onChange={({ target }) => void toggle(target.checked)} />
          {t('notices.push')}
        </label>
      )}
    </>
  );
}

function tomorrow(): Date {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  day.setHours(8, 0, 0, 0);
  return day;
}
