import { RefreshCw, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '@/lib/i18n/use-t';
import type { ConnectionState } from '@/lib/socket/socket-client';
import { Button } from '@/ui/button';
import styles from './connection-banner.module.css';

interface ConnectionBannerProps {
  state: ConnectionState;
  onRetry: () => void;
}

/** Shorter interruptions are not shown. */
const patienceMs = 400;

export function ConnectionBanner({ state, onRetry }: ConnectionBannerProps) {
  const t = useT();
  const quiet = useQuiet(state);
  const content = bannerOf(state, quiet);
  return (
    <div role="status" aria-live="polite" className={styles['place']}>
      {content === 'waiting' && state.phase === 'waiting' && (
        <div className={styles['banner']} data-tone="lost" data-testid="connection-banner" data-state="waiting">
          <WifiOff aria-hidden="true" />
          <p>
            <strong>{t('connection.lost')}</strong> <Countdown until={state.retryAt} />
          </p>
          <Button size="s" data-testid="retry-now" onClick={onRetry}>{t('connection.retry')}</Button>
        </div>
      )}
      {content === 'connecting' && state.phase === 'connecting' && (
        <div className={styles['banner']} data-tone="lost" data-testid="connection-banner" data-state="connecting">
          <RefreshCw className={styles['turn']} aria-hidden="true" />
          <p>{t(state.first ? 'connection.connecting' : 'connection.reconnecting')}</p>
        </div>
      )}
      {content === 'syncing' && (
        <div className={styles['banner']} data-tone="syncing" data-testid="connection-banner" data-state="syncing">
          <RefreshCw className={styles['turn']} aria-hidden="true" />
          <p>{t('connection.syncing')}</p>
        </div>
      )}
      {content === 'unsupported' && (
        <div className={styles['banner']} data-tone="lost" data-testid="connection-banner" data-state="unsupported">
          <WifiOff aria-hidden="true" />
          <p>{t('connection.unsupported')}</p>
          <Button size="s" onClick={() => location.reload()}>{t('app.reload')}</Button>
        </div>
      )}
    </div>
  );
}

function bannerOf(state: ConnectionState, quiet: boolean): 'waiting' | 'connecting' | 'syncing' | 'unsupported' | null {
  if (state.phase === 'stopped') return state.reason === 'unsupported' ? 'unsupported' : null;
  if (state.phase === 'idle' || state.phase === 'live') return null;
  // A lost connection is shown at once; the first connect and catching up only if they take long.
  return quiet && state.phase !== 'waiting' ? null : state.phase;
}

/** True until the connection has been away for a moment; a connection that fails and retries stays away. */
function useQuiet(state: ConnectionState): boolean {
  const away = state.phase !== 'live' && state.phase !== 'idle';
  const [quiet, setQuiet] = useState(true);
  useEffect(() => {
    if (!away) return;
    const timer = setTimeout(() => setQuiet(false), patienceMs);
    return () => {
      clearTimeout(timer);
      setQuiet(true);
    };
  }, [away]);
  return quiet;
}

function Countdown({ until }: { until: number }) {
  const t = useT();
  const [seconds, setSeconds] = useState(() => left(until));
  useEffect(() => {
    const update = () => setSeconds(left(until));
    update();
    const timer = setInterval(update, 250);
    return () => clearInterval(timer);
  }, [until]);
  // A screen reader announces the lost connection, but not the countdown.
  return <span aria-hidden="true" data-testid="retry-countdown" data-seconds={seconds}>{t('connection.countdown', { count: seconds })}</span>;
}

const left = (until: number): number => Math.max(0, Math.ceil((until - Date.now()) / 1000));
