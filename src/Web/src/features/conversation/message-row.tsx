import { AlertCircle, Bookmark, Clock, CornerUpLeft, Pin, RotateCw, Trash2 } from 'lucide-react';
import { memo, useEffect, useState } from 'react';
import type { Message, MessageFile } from '@/lib/api/schemas';
import { cardsOf, isMentioned } from '@/lib/chat/message-changes';
import { clockTime, dayName, fullTime, shortClock } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { summaryOf } from '@/lib/message-summary';
import { PersonAvatar } from '@/ui/person-avatar';
import { PersonName } from '@/ui/person-name';
import { MessageFiles } from './files/message-files';
import { LinkCards } from './link-cards';
import { isLong, LongText } from './long-text';
import { AudienceContext } from './mention-audience';
import { MessageActions, type MessageCommands } from './message-actions';
import { MessageEditor } from './message-editor';
import { MessageText } from './message-text';
import { Reactions } from './reactions';
import { RowTab } from './row-tab';
import type { Row } from './rows';
import { ThreadLine } from './thread-line';
import styles from './message-row.module.css';

export interface RowActions extends MessageCommands {
  readonly react: (message: Message, emoji: string, on: boolean) => void;
  readonly save: (message: Message, text: string) => Promise<void>;
  readonly endEdit: () => void;
  readonly wantQuote: (id: string) => void;
  readonly goTo: (id: string) => void;
  readonly retry: (cid: string) => void;
  readonly discard: (cid: string) => void;
  readonly showAuthor: (user: string) => void;
  readonly openImages: (images: readonly MessageFile[], index: number) => void;
  readonly previewOf: (id: string) => string | undefined;
  readonly removeCards: (message: Message) => void;
  /** Absent in a thread: there is none below it. */
  readonly openThread?: (message: Message) => void;
}

interface MessageRowProps {
  row: Row;
  /** The message that this one answers; undefined while it is not known, null where there is none. */
  quoted: Message | null | undefined;
  me: string;
  name: string;
  connected: boolean;
  flash: boolean;
  /** Whether its text is being changed. */
  editing: boolean;
  /** Whether the user may delete what others wrote. */
  moderates: boolean;
  pinned: boolean;
  saved: boolean;
  /** Whether the user does not want to hear from the author. */
  blocked: boolean;
  maxBytes: number;
  /** Where Tab enters the list. */
  tabStop: boolean;
  actions: RowActions;
}

export const MessageRow = memo(function MessageRow({ row, quoted, me, name, connected, flash, editing, moderates, pinned, saved, blocked, maxBytes, tabStop, actions }: MessageRowProps) {
  const t = useT();
  const { message, item, author, ts } = row;
  const state = message || item?.state === 'sent' ? 'confirmed' : item?.state === 'failed' ? 'failed' : 'pending';
  const mentioned = message !== null && isMentioned(message, me);
  const replyTo = message?.replyTo ?? item?.replyTo ?? null;
  const time = clockTime(t, ts);
  const own = author.id === me;
  const tab = tabStop ? 0 : -1;
  const text = message?.text ?? item?.text ?? '';
  const files = message?.deleted ? [] : (message?.files ?? item?.files ?? []);
  const filesShown = <MessageFiles files={files} previewOf={actions.previewOf} onOpen={state === 'confirmed' ? actions.openImages : undefined} tabIndex={tab} />;
  const reason = item?.error === 'invalid' && files.length > 0 ? 'files_gone' : (item?.error ?? 'unknown');
  const cards = message && !message.deleted ? cardsOf(message) : [];

  const [revealed, setRevealed] = useState(false);
  const folded = blocked && !revealed;

  const missing = replyTo !== null && quoted === undefined ? replyTo : null;
  useEffect(() => {
    if (missing !== null) actions.wantQuote(missing);
  }, [missing, actions]);

  return (
    <>
      {row.day && <div className={styles['day']}><span>{dayName(t, ts)}</span></div>}
      {row.unread && <div className={styles['divider']} role="separator" aria-label={t('conversation.new')} data-testid="unread-divider"><span>{t('conversation.new')}</span></div>}
      <article
        className={styles['row']}
        aria-label={t('message.by', { name, time })}
        tabIndex={tabStop ? 0 : -1}
        data-testid="message"
        data-row={row.key}
        data-seq={message?.seq}
        data-n={message?.n}
        data-cid={message?.cid ?? item?.cid}
        data-state={state}
        data-own={own || undefined}
        data-head={row.head || undefined}
        data-mentioned={mentioned || undefined}
        data-flash={flash || undefined}
      >
        <div className={styles['gutter']}>
          {row.head && !folded ? <PersonAvatar id={author.id} name={name} /> : <time className={styles['lateTime']} dateTime={new Date(ts).toISOString()} title={fullTime(t, ts)}>{shortClock(t, ts)}</time>}
        </div>
        <div className={styles['body']}>
          {folded && (
            <p className={styles['deleted']} data-testid="message-blocked">
              {t('people.blocked.message')} · <button type="button" className={styles['reveal']} tabIndex={tab} data-testid="message-reveal" onClick={() => setRevealed(true)}>{t('people.blocked.show')}</button>
            </p>
          )}
          {replyTo !== null && !folded && (
            <button type="button" className={styles['quote']} title={t('message.goTo')} tabIndex={tab} data-testid="message-quote" onClick={() => actions.goTo(replyTo)}>
              <CornerUpLeft aria-hidden="true" />
              {quoted ? (
                <>
                  <strong><PersonName person={quoted.author} /></strong>
                  <span>{summaryOf(t, quoted)}</span>
                </>
              ) : (
                <span>{t('message.replyTo.unknown')}</span>
              )}
            </button>
          )}
          {row.head && !folded && (
            <header className={styles['head']}>
              <button type="button" className={styles['author']} tabIndex={tab} data-testid="message-author" onClick={() => actions.showAuthor(author.id)}>{name}</button>
              <time dateTime={new Date(ts).toISOString()} title={fullTime(t, ts)}>{time}</time>
            </header>
          )}
          {!folded && <div className={styles['content']}>
            {message?.deleted && <p className={styles['deleted']} data-testid="message-deleted">{t('message.deleted')}</p>}
            {editing && message && (
              <MessageEditor message={message} maxBytes={maxBytes} onSave={(changed) => actions.save(message, changed)} onClose={actions.endEdit} />
            )}
            {!message?.deleted && !editing && text !== '' && (
              <RowTab value={tab}>
                <AudienceContext value={message?.audience ?? null}>{isLong(text) ? <LongText id={row.key} text={text} tabIndex={tab} /> : <MessageText text={text} />}</AudienceContext>
              </RowTab>
            )}
            {files.length > 0 && text === '' && filesShown}
            {message?.editedAt && !message.deleted && !editing && (
              <span className={styles['edited']} title={fullTime(t, message.editedAt)} data-testid="message-edited">({t('message.edited')})</span>
            )}
            {state === 'pending' && (
              <span className={styles['pending']} role="img" aria-label={t(connected ? 'message.pending' : 'message.waiting')} title={t(connected ? 'message.pending' : 'message.waiting')}>
                <Clock aria-hidden="true" />
              </span>
            )}
          </div>}
          {files.length > 0 && text !== '' && !folded && filesShown}
          {message && cards.length > 0 && !folded && <LinkCards cards={cards} tabIndex={tab} onRemove={own ? () => actions.removeCards(message) : undefined} />}
          {message && message.reactions.length > 0 && <Reactions message={message} tabIndex={tab} onReact={actions.react} />}
          {message?.replies && message.replies.count > 0 && actions.openThread && <ThreadLine message={message} replies={message.replies} tabIndex={tab} onOpen={actions.openThread} />}
          {pinned && <p className={styles['pinned']} data-testid="message-pinned"><Pin aria-hidden="true" />{t('pin.pinned')}</p>}
          {saved && !message?.deleted && <p className={styles['pinned']} data-testid="message-saved"><Bookmark aria-hidden="true" />{t('saved.saved')}</p>}
          {state === 'failed' && item && (
            <div className={styles['failed']} role="alert">
              <AlertCircle aria-hidden="true" />
              <span data-testid="message-error">{t('message.failed', { reason: translateError(t, reason) })}</span>
              <button type="button" data-testid="message-retry" onClick={() => actions.retry(item.cid)}><RotateCw aria-hidden="true" />{t('message.retry')}</button>
              <button type="button" data-testid="message-discard" onClick={() => actions.discard(item.cid)}><Trash2 aria-hidden="true" />{t('message.discard')}</button>
            </div>
          )}
        </div>
        {message && !message.deleted && !editing && !folded && (
          <MessageActions message={message} own={own} moderates={moderates} pinned={pinned} saved={saved} tabIndex={tab} commands={actions} />
        )}
      </article>
    </>
  );
});
