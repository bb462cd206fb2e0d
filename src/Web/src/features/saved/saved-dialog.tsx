import { Bookmark, BookmarkX, Undo2 } from 'lucide-react';
import { useEffect } from 'react';
import type { SavedMessage } from '@/lib/api/schemas';
import { fullTime, shortTime } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { summaryOf } from '@/lib/message-summary';
import { goToMessage } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Button, IconButton } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import { Empty, Skeleton } from '@/ui/empty';
import { PersonAvatar } from '@/ui/person-avatar';
import { usePersonName } from '@/ui/person-name';
import styles from './saved-dialog.module.css';

/** What the user has saved, the last first: to go to, and to save no more. It follows what becomes of the messages, and the user's other devices. */
export function SavedDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const list = useStoreByFrame(client.saved.list, (value) => value);
  const items = list?.items ?? [];

  useEffect(() => {
    void client.saved.open();
    return () => client.saved.close();
  }, [client]);

  return (
    <Dialog title={t('saved.title')} onClose={onClose} size="l" testId="saved-dialog">
      <DialogBody>
        {(!list || list.status === 'loading') && <div role="status" aria-label={t('common.loading')}><Skeleton rows={4} /></div>}
        {list?.error && (
          <Empty title={translateError(t, list.error)}>
            <Button data-testid="saved-retry" onClick={() => void client.saved.open()}>{t('common.retry')}</Button>
          </Empty>
        )}
        {list?.status === 'ready' && !list.error && items.length === 0 && list.nextCursor === null && (
          <Empty icon={<Bookmark />} title={t('saved.none')} text={t('saved.none.hint')} testId="saved-empty" />
        )}
        <ul className={styles['list']} data-testid="saved-list">
          {items.map((item) => <SavedItem key={item.message.id} item={item} onOpen={onClose} />)}
        </ul>
        {(list?.nextCursor ?? null) !== null && <Button variant="ghost" wide data-testid="saved-more" onClick={() => void client.saved.more()}>{t('saved.more')}</Button>}
      </DialogBody>
    </Dialog>
  );
}

function SavedItem({ item: { message, room }, onOpen }: { item: SavedMessage; onOpen: () => void }) {
  const t = useT();
  const { client } = useChat();
  const name = useStoreByFrame(client.rooms, (rooms) => rooms.get(room.id)?.name ?? room.name);
  // The page behind, where notices are, cannot be used now: it is taken back here.
  const removed = useStore(client.deeds.undo.all, (all) => all.has(`unsave:${message.id}`));
  const author = usePersonName(message.author);
  return (
    <li className={styles['item']} data-removed={removed || undefined}>
      <button
        type="button"
        className={styles['message']}
        title={t('message.goTo')}
        data-testid="saved-item"
        data-message-id={message.id}
        onClick={() => {
          onOpen();
          goToMessage(message.room, message.id);
        }}
      >
        <PersonAvatar id={message.author.id} name={author} size={28} />
        <span className={styles['text']}>
          <span className={styles['head']}>
            <strong>{author}</strong>
            <span>{name}</span>
            <time dateTime={message.ts} title={fullTime(t, message.ts)}>{shortTime(t, message.ts)}</time>
          </span>
          <span className={styles['summary']} data-deleted={message.deleted || undefined} dir="auto">{message.deleted ? t('message.deleted') : summaryOf(t, message)}</span>
        </span>
      </button>
      {removed && <span role="status">{t('undo.unsave')}</span>}
      <IconButton
        label={t(removed ? 'undo.action' : 'saved.off')}
        data-testid={removed ? 'saved-undo' : 'saved-remove'}
        onClick={() => {
          if (removed) client.deeds.undo.undo(`unsave:${message.id}`);
          else client.deeds.unsave(message);
        }}
      >
        {removed ? <Undo2 /> : <BookmarkX />}
      </IconButton>
    </li>
  );
}
