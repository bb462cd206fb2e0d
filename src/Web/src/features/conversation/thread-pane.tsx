import { Bell, BellOff, X } from 'lucide-react';
import { Fragment, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import { rank } from '@/lib/chat/roles';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { dayOf } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useMedia, wide } from '@/lib/use-media';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Button, IconButton } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import { nameAmong } from '@/ui/person-name';
import { Composer, type ComposerHandle } from './composer';
import { DropOverlay } from './files/drop-overlay';
import { useFileDrop } from './files/use-file-drop';
import { MessageRow, type RowActions } from './message-row';
import { actByKey, sharedActions } from './row-actions';
import { RowOverlays, useRowOverlays } from './row-overlays';
import { buildRows, tombstoneOf, type Row, type RowCache } from './rows';
import { useAttention } from './use-reading';
import styles from './thread-pane.module.css';

/** Within this distance of the end, the view follows new replies. */
const endPx = 60;

/** The thread under a message, beside its room. Mount it with the root's id as its key. */
export function ThreadPane({ room, id }: { room: RoomEntry; id: string }) {
  const t = useT();
  const { client, me } = useChat();
  const open = useStoreByFrame(client.threads.open, (value) => (value?.id === id ? value : null));
  const following = useStore(client.threads.followed, (all) => all.has(id));
  const outbox = useStoreByFrame(client.outbox.items, (value) => value);
  const users = useStoreByFrame(client.users, (value) => value);
  const blocked = useStore(client.blocks.users, (value) => value);
  const quotes = useStore(client.quotes.all, (value) => value);
  const undoable = useStore(client.deeds.undo.all, (all) => all);
  const savedIds = useStore(client.saved.ids, (ids) => ids);
  const pins = useStore(client.pins.all, (all) => all.get(room.id));
  const connected = useStore(client.socket.state, (state) => state.phase === 'live');
  const maxBytes = useStore(client.limits, (limits) => limits.textBytes);
  const attention = useAttention();
  const overlays = useRowOverlays();
  const { context, openers } = overlays;
  const isSaved = (message: string) => savedIds.has(message) && !undoable.has(`unsave:${message}`);
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const [busy, setBusy] = useState(false);
  const [focused, setFocused] = useState<string | null>(null);
  const composer = useRef<ComposerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLElement>(null);
  const moderates = rank(room.role) >= rank('admin');
  const pinned = useMemo(() => new Set(pins?.map((message) => message.id)), [pins]);

  useEffect(() => {
    // Where the focus was before returns with the end of the pane.
    const before = document.activeElement;
    void client.threads.load(room.id, id);
    return () => {
      client.threads.close();
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus({ preventScroll: true });
      else document.getElementById('conversation')?.focus();
    };
  }, [client, room.id, id]);

  const close = useCallback(() => navigate({ view: 'room', room: room.id }), [room.id]);
  const cancelReply = useCallback(() => setReplyTo(null), []);
  const edit = useCallback((message: Message | null) => {
    setEditing(message);
    if (!message) composer.current?.focus();
  }, []);

  const [rootCache] = useState<RowCache>(() => new Map());
  const [cache] = useState<RowCache>(() => new Map());
  const rootRow = useMemo(() => (open?.root ? buildRows({ messages: [open.root], outbox: [], me, dividerN: null }, rootCache)[0] : undefined), [open, me, rootCache]);
  const waiting = useMemo(() => outbox.filter((item) => item.thread === id), [outbox, id]);
  const rows = useMemo(() => {
    if (!open?.root) return [];
    const [first, ...others] = buildRows({ messages: open.replies, outbox: waiting, me, dividerN: open.dividerN, from: 0 }, cache);
    // The day stands above the root already.
    return first ? [{ ...first, day: dayOf(first.ts) !== dayOf(open.root.ts) }, ...others] : [];
  }, [open, waiting, me, cache]);
  const byId = useMemo(() => new Map([...(open?.root ? [open.root] : []), ...(open?.replies ?? [])].map((message) => [message.id, message])), [open]);

  // It opens at the first new reply, or else at the end, and follows the end while it is there.
  const placed = useRef(false);
  const atEnd = useRef(true);
  const ready = open?.status === 'ready';
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !ready) return;
    const divider = placed.current ? null : element.querySelector('[data-testid="unread-divider"]');
    if (divider) divider.scrollIntoView({ block: 'center' });
    else if (atEnd.current) element.scrollTop = element.scrollHeight;
    placed.current = true;
  }, [rows, ready]);

  const look = useCallback(() => {
    const element = scroller.current;
    if (!element || !placed.current) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight <= endPx;
    if (!attention) return;
    const edge = element.getBoundingClientRect().bottom + 1;
    const shown = [...element.querySelectorAll<HTMLElement>('[data-reply] [data-n]')].findLast((row) => row.getBoundingClientRect().bottom <= edge);
    if (shown) client.threads.markSeen(Number(shown.dataset['n']));
  }, [attention, client]);
  useEffect(look, [look, rows, ready]);

  const actions = useMemo<RowActions>(() => {
    const failed = (error: unknown) => showToast({ key: 'message', title: translateError(t, errorCode(error)), tone: 'error' });
    return {
      ...sharedActions(client, t, room.id),
      ...openers,
      reply: setReplyTo,
      edit: setEditing,
      endEdit: () => edit(null),
      markUnread: (message) => void (message.thread ? client.threads.markUnread(message) : client.reading.markUnread(message)).catch(failed),
      goTo: (message) => {
        const row = scroller.current?.querySelector(`[data-id="${CSS.escape(message)}"]`);
        if (row) row.scrollIntoView({ block: 'center' });
        else navigate({ view: 'room', room: room.id, message });
      },
    };
  }, [client, openers, edit, room.id, t]);

  const toggleFollow = async () => {
    if (!open?.root) return;
    setBusy(true);
    try {
      await client.threads.follow(open.root, !following);
    } catch (error) {
      showToast({ key: 'follow', title: translateError(t, errorCode(error)), tone: 'error' });
    } finally {
      setBusy(false);
    }
  };

  const editLast = () => {
    const last = open?.replies.findLast((message) => message.author.id === me.id && !message.deleted);
    if (last) setEditing(last);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    close();
  };

  // One tab stop for the list, arrows between its messages.
  const last = rows.at(-1)?.key ?? rootRow?.key;
  const tabStop = focused !== null && (focused === rootRow?.key || rows.some(({ key }) => key === focused)) ? focused : last;
  const onListKey = (event: KeyboardEvent<HTMLElement>) => {
    const at = event.target instanceof HTMLElement && event.target.matches('[data-row]') ? event.target : null;
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
    const message = byId.get(at.closest<HTMLElement>('[data-id]')?.dataset['id'] ?? '');
    const to = event.key === 'ArrowUp' ? all[all.indexOf(at) - 1] : event.key === 'ArrowDown' ? all[all.indexOf(at) + 1] : undefined;
    if (to) {
      setFocused(to.dataset['row'] ?? null);
      to.focus();
    } else if (event.key === 'ArrowDown') composer.current?.focus();
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) context.openAt(at, at.getBoundingClientRect());
    else if (actByKey(event.key, message, { me: me.id, moderates, isSaved }, actions)) setFocused(at.dataset['row'] ?? null);
    else return;
    event.preventDefault();
  };

  const row = (built: Row) => {
    // What is being deleted is shown as deleted while that can still be taken back.
    const shown = built.message && undoable.has(`delete:${built.message.id}`) ? tombstoneOf(built) : built;
    const quoted = shown.message?.replyTo ?? shown.item?.replyTo ?? null;
    return (
      <MessageRow
        row={shown}
        me={me.id}
        name={nameAmong(users, shown.author)}
        quoted={quoted === null ? null : (byId.get(quoted) ?? quotes.get(quoted))}
        connected={connected}
        flash={false}
        editing={editing !== null && shown.message?.id === editing.id}
        moderates={moderates}
        pinned={shown.message !== null && pinned.has(shown.message.id)}
        saved={shown.message !== null && isSaved(shown.message.id)}
        blocked={blocked.has(shown.author.id)}
        maxBytes={maxBytes}
        tabStop={shown.key === tabStop}
        actions={actions}
      />
    );
  };

  const closed = !open?.root || room.archived || open.root.deleted;
  const over = useFileDrop(pane, closed ? null : (files) => composer.current?.attach(files));

  // The page has one h1: the room's, if it is beside the thread.
  const Heading = useMedia(wide) ? 'h2' : 'h1';

  return (
    <aside ref={pane} className={styles['pane']} aria-label={t('thread.title')} data-testid="thread-pane" data-thread={id} onKeyDown={onKeyDown}>
      <header className={styles['header']}>
        <div>
          <Heading>{t('thread.title')}</Heading>
          <p>{room.name}</p>
        </div>
        <IconButton
          label={t(following ? 'thread.unfollow' : 'thread.follow')}
          active={following}
          aria-pressed={following}
          disabled={busy || !open?.root}
          data-testid="thread-follow"
          onClick={() => void toggleFollow()}
        >
          {following ? <Bell /> : <BellOff />}
        </IconButton>
        <IconButton label={t('thread.close')} data-testid="thread-close" onClick={close}><X /></IconButton>
      </header>
      <div ref={scroller} className={styles['scroller']} role="log" aria-label={t('thread.title')} aria-live="polite" aria-relevant="additions" tabIndex={-1} data-testid="thread-list" onScroll={look} onKeyDown={onListKey} {...context.handlers}>
        {open?.status === 'loading' && <Skeleton rows={4} />}
        {open?.status === 'error' && (
          <Empty title={translateError(t, open.error ?? 'unknown')} testId="thread-error">
            <Button onClick={() => void client.threads.load(room.id, id)}>{t('common.retry')}</Button>
          </Empty>
        )}
        {rootRow && <div className={styles['root']} data-id={id}>{row(rootRow)}</div>}
        {ready && <p className={styles['count']} data-testid="thread-count" data-count={open.root?.replies?.count ?? 0}>{t('thread.replies', { count: open.root?.replies?.count ?? 0 })}</p>}
        {ready && !open.atStart && <Button variant="ghost" wide disabled={open.loadingOlder} data-testid="thread-older" onClick={() => void client.threads.loadOlder()}>{t('thread.older')}</Button>}
        {rows.map((shown) => (
          <Fragment key={shown.key}>
            <div data-reply="" data-id={shown.message?.id}>{row(shown)}</div>
          </Fragment>
        ))}
      </div>
      {!closed && (
        <Composer ref={composer} room={room} thread={open.root} replyTo={replyTo} onCancelReply={cancelReply} onLeaveUp={editLast} />
      )}
      {open?.root?.deleted && <p className={styles['ended']} data-testid="thread-ended">{t('thread.ended')}</p>}
      {over && <DropOverlay text={t('drop.text.thread')} />}
      <RowOverlays
        overlays={overlays}
        actions={actions}
        rows={rootRow ? [rootRow, ...rows] : rows}
        moderates={moderates}
        pinned={pinned}
        isSaved={isSaved}
        focusRow={(key) => scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus()}
      />
    </aside>
  );
}
