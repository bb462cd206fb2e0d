import { MessagesSquare } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { FollowedThread } from '@/lib/api/schemas';
import { fullTime, shortTime } from '@/lib/dates';
import { useT } from '@/lib/i18n/use-t';
import { summaryOf } from '@/lib/message-summary';
import { hashOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Button } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import { PersonName } from '@/ui/person-name';
import styles from './thread-list.module.css';

const rereadMs = 400;

/** The threads that the user follows, those with unread replies first. What is read stays where it is until the list is opened again. */
export function ThreadList() {
  const t = useT();
  const { client } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const followed = useStore(client.threads.followed, (value) => value);
  const version = useStore(client.threads.version, (value) => value);
  const [items, setItems] = useState<readonly FollowedThread[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [state, setState] = useState<'loading' | 'ready' | 'error'>('loading');
  const loaded = useRef(false);

  const load = useCallback(async (from?: string) => {
    try {
      const page = await client.api.threads(from);
      setItems((known) => (from === undefined ? inPlace(known, page.items) : [...known, ...page.items.filter(({ root }) => !known.some((one) => one.root.id === root.id))]));
      if (from !== undefined || !loaded.current) setCursor(page.nextCursor ?? null);
      loaded.current = true;
      setState('ready');
    } catch {
      setState('error');
    }
  }, [client]);

  useEffect(() => {
    const timer = setTimeout(() => void load(), loaded.current ? rereadMs : 0);
    return () => clearTimeout(timer);
  }, [load, version]);

  const shown = items.filter(({ root }) => rooms.has(root.room) && followed.has(root.id));
  return (
    <section aria-label={t('threads.title')} data-testid="thread-index">
      {state === 'loading' && <Skeleton rows={5} />}
      {state === 'error' && <Empty title={t('threads.error')}><Button onClick={() => void load()}>{t('common.retry')}</Button></Empty>}
      {state === 'ready' && shown.length === 0 && <Empty icon={<MessagesSquare />} title={t('threads.empty')} text={t('threads.empty.text')} testId="threads-empty" />}
      <ul className={styles['list']}>
        {shown.map(({ root, last }) => {
          const unread = followed.get(root.id)?.unread ?? 0;
          return (
            <li key={root.id}>
              <a
                className={styles['item']}
                href={hashOf({ view: 'room', room: root.room, thread: root.id })}
                data-testid="thread-item"
                data-thread={root.id}
                data-unread={unread > 0 ? unread : undefined}
              >
                <span className={styles['head']}>
                  <span className={styles['room']}>{rooms.get(root.room)?.name}</span>
                  <time dateTime={last.ts} title={fullTime(t, last.ts)}>{shortTime(t, last.ts)}</time>
                </span>
                <span className={styles['title']}><strong><PersonName person={root.author} /></strong> {summaryOf(t, root)}</span>
                <span className={styles['last']}><PersonName person={last.author} />: {summaryOf(t, last)}</span>
                <span className={styles['foot']}>
                  {t('thread.replies', { count: root.replies?.count ?? 0 })}
                  {unread > 0 && <span className={styles['new']}>{t('thread.new', { count: unread })}</span>}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      {cursor !== null && <Button variant="ghost" wide data-testid="threads-more" onClick={() => void load(cursor)}>{t('common.more')}</Button>}
    </section>
  );
}

/** What is shown keeps its place, so that nothing moves under the pointer; new ones come first. */
function inPlace(known: readonly FollowedThread[], fresh: readonly FollowedThread[]): readonly FollowedThread[] {
  const byId = new Map(fresh.map((thread) => [thread.root.id, thread]));
  const kept = known.map((thread) => byId.get(thread.root.id) ?? thread);
  const ids = new Set(known.map(({ root }) => root.id));
  return [...fresh.filter(({ root }) => !ids.has(root.id)), ...kept];
}
