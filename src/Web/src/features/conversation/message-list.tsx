import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { ArrowDown, MessagesSquare } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import { deleted } from '@/lib/chat/message-changes';
import { rank } from '@/lib/chat/roles';
import { isDirect, otherOf, type RoomEntry } from '@/lib/chat/room-entry';
import { countAbove, hasNewer } from '@/lib/chat/room-log';
import type { Timeline } from '@/lib/chat/timelines';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import { PersonAvatar } from '@/ui/person-avatar';
import { nameAmong } from '@/ui/person-name';
import { estimateFiles } from './files/layout';
import { MessageRow, type RowActions } from './message-row';
import { actByKey, sharedActions } from './row-actions';
import { RowOverlays, useRowOverlays } from './row-overlays';
import { buildRows, tombstoneOf, type Row, type RowCache } from './rows';
import { UnreadBar } from './unread-bar';
import { useJump } from './use-jump';
import { usePlace } from './use-place';
import { useReading } from './use-reading';
import styles from './message-list.module.css';

interface MessageListProps {
  room: RoomEntry;
  timeline: Timeline;
  /** The message whose text is being changed. */
  editing: string | null;
  onEdit: (message: Message | null) => void;
  onReply: (message: Message) => void;
  onFocusComposer: () => void;
  /** A message to bring into view; a new object each time. */
  goTo: { readonly id: string } | null;
}

/** Within this distance of the end, the view follows new messages. */
const endPx = 60;
const nearPx = 800;
const cardPx = 92;

export function MessageList({ room, timeline, editing, onEdit, onReply, onFocusComposer, goTo }: MessageListProps) {
  const t = useT();
  const { client, me } = useChat();
  const users = useStoreByFrame(client.users, (value) => value);
  const blocked = useStore(client.blocks.users, (value) => value);
  const outboxAll = useStoreByFrame(client.outbox.items, (value) => value);
  const connected = useStore(client.socket.state, (state) => state.phase === 'live');
  const outbox = useMemo(() => outboxAll.filter((item) => item.room === room.id && item.thread === null), [outboxAll, room.id]);
  const { log, atStart } = timeline;
  const behind = hasNewer(log);
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [shownN, setShownN] = useState(0);
  const [focused, setFocused] = useState<string | null>(null);
  const overlays = useRowOverlays();
  const { context, openers } = overlays;
  const undoable = useStore(client.deeds.undo.all, (all) => all);
  const savedIds = useStore(client.saved.ids, (ids) => ids);
  const isSaved = (id: string) => savedIds.has(id) && !undoable.has(`unsave:${id}`);
  const quotes = useStore(client.quotes.all, (value) => value);
  const pins = useStore(client.pins.all, (all) => all.get(room.id));
  const moderates = rank(room.role) >= rank('admin');
  const pinned = useMemo(() => new Set(pins?.map(({ id }) => id)), [pins]);
  const maxBytes = useStore(client.limits, (limits) => limits.textBytes);
  const { dividerN, seenN, ready } = useReading(room, timeline, shownN);

  // While the window ends in the past, pending messages belong to a part that is not shown.
  const [cache] = useState<RowCache>(() => new Map());
  const built = useMemo(
    () => buildRows({ messages: log.window, outbox: behind ? [] : outbox, me, dividerN, from: log.from }, cache),
    [log.window, log.from, outbox, behind, me, dividerN, cache],
  );
  // What is being deleted is shown as deleted while that can still be taken back.
  const rows = useMemo(
    () => (undoable.size === 0 ? built : built.map((row) => (row.message && undoable.has(`delete:${row.message.id}`) ? tombstoneOf(row) : row))),
    [built, undoable],
  );
  const byId = useMemo(() => new Map(log.window.map((message) => [message.id, message])), [log.window]);

  // A jump is under way, or its message is still marked: nothing else may move the list.
  const [holding, setHolding] = useState(false);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: 'end',
    followOnAppend: !behind && !holding,
    scrollEndThreshold: endPx,
    overscan: 12,
    paddingStart: 16,
    paddingEnd: 12,
  });

  const { placed, placeAgain } = usePlace(scroller, virtualizer, rows, ready);
  const rowsRef = useRef(rows);
  useLayoutEffect(() => {
    rowsRef.current = rows;
  });
  const { jump, end: endJump, flash } = useJump({ scroller, virtualizer, rows: rowsRef, onHold: setHolding });

  // The view changes size with the composer and the keyboard; if it was at the end, it stays there.
  const atEndNow = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (atEndNow.current && !holding) virtualizer.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [holding, virtualizer]);

  const place = useRef({ top: 0, height: 0, view: 0 });
  const totalSize = virtualizer.getTotalSize();
  const virtualItems = virtualizer.getVirtualItems();
  const lastIndex = virtualItems.at(-1)?.index;
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element || !placed) return;
    const { scrollTop: top, scrollHeight: height, clientHeight: view } = element;
    const fromEnd = height - top - view;
    // New rows, rows that grow, for example by link cards, and a composer that grows move the end. A view that was at the end stays there:
    // only what moves it up by more than the list shrank leaves the end.
    const last = place.current;
    const pushed = atEndNow.current && !holding && !behind && last.height > 0
      && (view !== last.view || last.top - top <= Math.max(0, last.height - height) + 1);
    place.current = { top, height, view };
    if (pushed && fromEnd > 0) {
      virtualizer.scrollToEnd();
      return;
    }
    atEndNow.current = fromEnd <= endPx;
    setAtEnd(atEndNow.current);
    setShownN(lastShown(virtualizer, element, rows));
    if (element.scrollTop < nearPx) void client.timelines.loadOlder(room.id);
    if (fromEnd < nearPx) void client.timelines.loadNewer(room.id);
  }, [client, room.id, virtualizer, behind, placed, rows, holding]);

  // A short page may leave nothing to scroll: load more until the view is full. Rows that are measured again move the end. A jump over more
  // rows than were rendered shows them only after the next render.
  useEffect(onScroll, [onScroll, totalSize, lastIndex]);

  const mine = outbox.length;
  const lastMine = useRef(mine);
  useEffect(() => {
    if (mine > lastMine.current) {
      endJump();
      virtualizer.scrollToEnd();
    }
    lastMine.current = mine;
  }, [mine, endJump, virtualizer]);

  // A message to go to once it is loaded.
  const target = useRef<string | null>(null);
  useEffect(() => {
    const row = target.current === null ? undefined : rows.find(({ message }) => message?.id === target.current);
    if (!row) return;
    target.current = null;
    jump(row.key);
  }, [rows, jump]);

  const actions = useMemo<RowActions>(() => {
    const failed = (error: unknown) => showToast({ key: 'message', title: translateError(t, errorCode(error)), tone: 'error' });
    return {
      ...sharedActions(client, t, room.id),
      ...openers,
      reply: onReply,
      edit: onEdit,
      endEdit: () => onEdit(null),
      markUnread: (message) => void client.reading.markUnread(message).catch(failed),
      openThread: ({ id }) => navigate({ view: 'room', room: room.id, thread: id }),
      goTo: (id) => {
        const row = rowsRef.current.find(({ message }) => message?.id === id);
        target.current = row ? null : id;
        if (row) {
          jump(row.key);
          return;
        }
        void client.timelines.loadMessage(room.id, id).then((found) => {
          if (found.where === 'here' || target.current !== id) return;
          target.current = null;
          if (found.where === 'thread') navigate({ view: 'room', room: room.id, thread: found.thread }, true);
          else if (found.where === 'nowhere') failed(found.error);
        });
      },
    };
  }, [client, openers, onEdit, onReply, room.id, jump, t]);

  // A permalink or a pin: once the list has its place, so that the two do not move it at once.
  const [gone, setGone] = useState<{ readonly id: string } | null>(null);
  useEffect(() => {
    if (!placed || goTo === gone) return;
    setGone(goTo);
    if (goTo) actions.goTo(goTo.id);
  }, [actions, goTo, gone, placed]);

  const toFirstUnread = () => {
    if (dividerN !== null && !rows.some((row) => row.unread)) void client.timelines.load(room.id, dividerN);
    placeAgain();
  };

  const toLatest = async () => {
    target.current = null;
    endJump();
    await client.timelines.loadLatest(room.id);
    requestAnimationFrame(() => virtualizer.scrollToEnd());
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-row]') : null;
    const index = rows.findIndex((row) => row.key === at?.dataset['row']);
    if (event.key === 'Escape') onFocusComposer();
    else if (at && (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))) context.openAt(at, at.getBoundingClientRect());
    else if (index < 0 || event.target !== at || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === 'ArrowUp') focusRow(index - 1);
    else if (event.key === 'ArrowDown') {
      if (index === rows.length - 1) onFocusComposer();
      else focusRow(index + 1);
    } else if (!actByKey(event.key, rows[index]?.message, { me: me.id, moderates, isSaved }, actions)) return;
    event.preventDefault();
  };

  const focusRow = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setFocused(row.key);
    const find = () => scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.key)}"]`);
    const element = find();
    if (element) {
      element.focus({ preventScroll: false });
      return;
    }
    virtualizer.scrollToIndex(index, { align: 'auto' });
    requestAnimationFrame(() => find()?.focus());
  };

  const quoted = (id: string) => {
    const message = byId.get(id) ?? quotes.get(id);
    return message && undoable.has(`delete:${id}`) ? deleted(message) : message;
  };

  const tabStop = focused !== null && rows.some((row) => row.key === focused) ? focused : rows.at(-1)?.key;
  const news = countAbove(log, seenN) ?? Math.max(0, log.headN - seenN);
  const other = otherOf(room);
  const loading = timeline.status === 'loading' && rows.length === 0;

  return (
    <div className={styles['wrap']}>
      <div
        ref={scroller}
        className={styles['scroller']}
        role="log"
        aria-label={t('conversation.log', { room: room.name })}
        // Screen readers announce only messages that arrive at the end, not rows that scroll into view.
        aria-live={atEnd && !behind ? 'polite' : 'off'}
        aria-relevant="additions"
        aria-busy={loading || !placed}
        tabIndex={rows.length === 0 ? 0 : -1}
        data-testid="message-list"
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        {...context.handlers}
      >
        {loading && <Skeleton rows={8} />}
        {timeline.status === 'error' && rows.length === 0 && (
          <div className={styles['fill']}>
            <Empty title={t('conversation.error')}>
              <Button onClick={() => client.openRoom(room.id)}>{t('common.retry')}</Button>
            </Empty>
          </div>
        )}
        {timeline.status === 'ready' && rows.length === 0 && (
          <div className={styles['fill']}>
            <Empty icon={<MessagesSquare />} title={t('conversation.empty.title')} text={t('conversation.empty.text')} testId="conversation-empty" />
          </div>
        )}
        {rows.length > 0 && (
          <>
            <div className={styles['spacer']} />
            <div className={styles['rows']} data-placed={placed} style={{ height: totalSize }}>
              {virtualItems.map(({ index, key, start }) => {
                const row = rows[index];
                if (!row) return null;
                const replyTo = row.message?.replyTo ?? row.item?.replyTo ?? null;
                return (
                  <div key={key} ref={virtualizer.measureElement} data-index={index} className={styles['virtual']} style={{ transform: `translateY(${start}px)` }}>
                    {index === 0 && atStart && (
                      <div className={styles['start']}>
                        {other ? <PersonAvatar id={other.id} name={other.displayName} size={40} /> : <Avatar id={room.id} name={room.name} picture={room.picture} square size={40} />}
                        <p>{t(isDirect(room) ? 'conversation.start.direct' : 'conversation.start', { room: room.name })}</p>
                        {room.topic && <p className={styles['startTopic']}>{room.topic}</p>}
                      </div>
                    )}
                    <MessageRow
                      row={row}
                      me={me.id}
                      name={nameAmong(users, row.author)}
                      quoted={replyTo === null ? null : quoted(replyTo)}
                      connected={connected}
                      flash={flash === row.key}
                      editing={editing !== null && row.message?.id === editing}
                      moderates={moderates}
                      pinned={row.message !== null && pinned.has(row.message.id)}
                      saved={row.message !== null && isSaved(row.message.id)}
                      blocked={blocked.has(row.author.id)}
                      maxBytes={maxBytes}
                      tabStop={row.key === tabStop}
                      actions={actions}
                    />
                  </div>
                );
              })}
            </div>
          </>
        )}
      </div>
      <RowOverlays
        overlays={overlays}
        actions={actions}
        rows={rows}
        moderates={moderates}
        pinned={pinned}
        isSaved={isSaved}
        focusRow={(key) => focusRow(rowsRef.current.findIndex((row) => row.key === key))}
      />
      {placed && dividerN !== null && (
        <UnreadBar room={room} first={rows.find((row) => row.unread)?.ts} onGoTo={toFirstUnread} onMarkRead={() => client.reading.markRoomRead(room.id)} />
      )}
      {timeline.loadingOlder && <p className={styles['older']} role="status">{t('conversation.loadingOlder')}</p>}
      {(!atEnd || behind) && rows.length > 0 && (
        <button type="button" className={styles['latest']} data-testid="jump-latest" data-count={news} onClick={() => void toLatest()}>
          <ArrowDown aria-hidden="true" />
          {news > 0 ? t('conversation.latest.new', { count: news }) : t('conversation.latest')}
        </button>
      )}
    </div>
  );
}

/** The last message whose end is above the lower edge of the view; 0: none. */
function lastShown(virtualizer: Virtualizer<HTMLDivElement, Element>, element: HTMLElement, rows: readonly Row[]): number {
  const all = element.scrollHeight <= element.clientHeight;
  const edge = element.scrollTop + element.clientHeight + 1;
  const shown = virtualizer.getVirtualItems().filter(({ index, end }) => rows[index]?.message && (all || end <= edge));
  return rows[shown.at(-1)?.index ?? -1]?.message?.n ?? 0;
}

/** The estimated height of a row until it is measured. Good estimates keep the scroll bar steady. */
function estimate(row: Row | undefined): number {
  if (!row) return 40;
  const text = row.message?.text ?? row.item?.text ?? '';
  const lines = row.message?.deleted ? 1 : Math.ceil(text.length / 90);
  const below = estimateFiles(row.message?.files ?? row.item?.files ?? []) + (row.message?.preview?.cards.length ?? 0) * cardPx;
  return 4 + (lines > 12 ? 12 * 23 + 24 : lines * 23) + below + (row.head ? 30 : 0) + (row.day ? 46 : 0) + (row.unread ? 30 : 0) + ((row.message?.reactions.length ?? 0) > 0 ? 32 : 0);
}
