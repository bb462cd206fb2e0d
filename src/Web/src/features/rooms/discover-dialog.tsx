import { Compass, Search, Users } from 'lucide-react';
import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Room } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Empty, Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import styles from './rooms.module.css';

interface Found {
  readonly query: string;
  readonly rooms: readonly Room[];
  readonly next: string | null;
}

const typingPauseMs = 200;

export function DiscoverDialog({ onClose, onCreate }: { onClose: () => void; onCreate: (name: string) => void }) {
  const t = useT();
  const { client, session } = useChat();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [joining, setJoining] = useState<string | null>(null);

  useEffect(() => {
    let current = true;
    const search = async () => {
      try {
        const page = await session.api.rooms('discover', query.trim());
        if (current) setFound({ query: query.trim(), rooms: page.items, next: page.nextCursor });
        if (current) setError(null);
      } catch (failure) {
        if (current) setError(errorCode(failure));
      }
    };
    const timer = setTimeout(() => void search(), query === '' ? 0 : typingPauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query, session]);

  const more = async () => {
    if (!found?.next) return;
    try {
      const page = await session.api.rooms('discover', found.query, found.next);
      setFound({ ...found, rooms: [...found.rooms, ...page.items], next: page.nextCursor });
    } catch (failure) {
      setError(errorCode(failure));
    }
  };

  const join = async (room: string) => {
    setJoining(room);
    try {
      await client.join(room);
      onClose();
      navigate({ view: 'room', room });
    } catch (failure) {
      setError(errorCode(failure));
      setJoining(null);
    }
  };

  return (
    <Dialog title={t('discover.title')} onClose={onClose} size="l" testId="discover-dialog">
      <div className={styles['discover']}>
        <div className={styles['searchBox']}>
          <Search aria-hidden="true" />
          <input
            type="search"
            data-autofocus
            value={query}
            placeholder={t('discover.search')}
            aria-label={t('discover.search')}
            data-testid="discover-search"
            onChange={({ target }) => setQuery(target.value)}
          />
        </div>
        <FormError>{error && translateError(t, error)}</FormError>
        <div className={styles['results']}>
          {!found && !error && <div role="status" aria-label={t('common.loading')}><Skeleton rows={4} /></div>}
          {found?.rooms.length === 0 && (
            <Empty icon={<Compass />} title={found.query === '' ? t('discover.empty') : t('discover.none', { query: found.query })} testId="discover-empty">
              <Button variant="primary" onClick={() => onCreate(query.trim())}>{t('rooms.create')}</Button>
            </Empty>
          )}
          <ul data-testid="discover-list">
            {found?.rooms.map((room) => (
              <li key={room.id} className={styles['found']} data-testid="discover-item" data-room-id={room.id}>
                <Avatar id={room.id} name={room.name} picture={room.picture} square size={40} />
                <span className={styles['foundText']}>
                  <strong>{room.name}</strong>
                  {room.topic && <span className={styles['hint']}>{room.topic}</span>}
                  <span className={styles['facts']}>
                    <Users aria-hidden="true" />
                    {t('discover.members', { count: room.memberCount })}
                    {room.onlineCount !== null && room.onlineCount > 0 && ` · ${t('discover.online', { count: room.onlineCount })}`}
                  </span>
                </span>
                <Button
                  size="s"
                  variant="primary"
                  busy={joining === room.id}
                  disabled={joining !== null}
                  aria-label={t('discover.join.label', { room: room.name })}
                  data-testid="join-room"
                  onClick={() => void join(room.id)}
                >
                  {t('discover.join')}
                </Button>
              </li>
            ))}
          </ul>
          {found?.next && <Button variant="ghost" wide onClick={() => void more()}>{t('common.more')}</Button>}
        </div>
      </div>
    </Dialog>
  );
}
