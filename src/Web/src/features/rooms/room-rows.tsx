import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { RoomEntry } from '@/lib/chat/room-entry';
import type { RoomSections } from '@/lib/chat/room-order';
import { drafts, hasDraft } from '@/lib/drafts';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { RoomItem, type RoomItemActions } from './room-item';
import { usePreferencesFailed } from './use-preferences-failed';
import styles from './room-list.module.css';

const loadMenu = () => import('./room-menu');
const RoomMenu = lazy(() => loadMenu().then((m) => ({ default: m.RoomMenu })));
const menuAfterMs = 2_000;
const rowPx = 32;

type Row = { readonly key: string; readonly heading: string } | { readonly key: string; readonly room: RoomEntry };

interface RoomRowsProps {
  /** Null until it is in the page. */
  scroller: HTMLElement | null;
  sections: RoomSections;
  current: string | null;
  /** Whether the favourites stand in their own section, where they can be moved. */
  sorted: boolean;
}

/** The rows of the list. Only those near the view are in the page: 300 rooms cost no more than 30. */
export function RoomRows({ scroller, sections, current, sorted }: RoomRowsProps) {
  const t = useT();
  const { client, me } = useChat();
  const begun = useStore(drafts, (value) => value);
  const [focused, setFocused] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ room: string; at: Parameters<RoomItemActions['openMenu']>[1] } | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const dragged = useRef<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const { favourites, others } = sections;

  const rows = useMemo<readonly Row[]>(() => {
    const rowOf = (room: RoomEntry): Row => ({ key: room.id, room });
    if (favourites.length === 0) return others.map(rowOf);
    const rest = others.length === 0 ? [] : [{ key: 'others', heading: t('rooms.title') }, ...others.map(rowOf)];
    return [{ key: 'favourites', heading: t('rooms.favourites') }, ...favourites.map(rowOf), ...rest];
  }, [favourites, others, t]);
  const ids = useMemo(() => rows.flatMap((row) => ('room' in row ? [row.key] : [])), [rows]);
  const entry = [focused, current].find((id) => id !== null && ids.includes(id)) ?? ids[0];

  // What has the focus stays in the page however far one scrolls.
  const pinned = rows.findIndex(({ key }) => key === entry);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.key ?? index,
    rangeExtractor: useCallback((range: Range) => {
      const shown = defaultRangeExtractor(range);
      return pinned < 0 || shown.includes(pinned) ? shown : [...shown, pinned].sort((a, b) => a - b);
    }, [pinned]),
    overscan: 10,
    paddingStart: 2,
    paddingEnd: 12,
  });

  // Alt+↓ may lead to a room that is out of view.
  const opened = useRef<string | null>(null);
  useEffect(() => {
    if (current === opened.current) return;
    const index = rows.findIndex(({ key }) => key === current);
    if (index < 0) return;
    opened.current = current;
    virtualizer.scrollToIndex(index, { align: 'auto' });
  }, [current, rows, virtualizer]);

  useEffect(() => {
    const timer = setTimeout(() => void loadMenu().catch(() => undefined), menuAfterMs);
    return () => clearTimeout(timer);
  }, []);

  const failed = usePreferencesFailed();

  const order = useRef<readonly RoomEntry[]>([]);
  useEffect(() => {
    order.current = favourites;
  }, [favourites]);
  const actions = useMemo<RoomItemActions>(() => ({
    openMenu: (room, at) => setMenu({ room, at }),
    focused: setFocused,
    drag: (room) => {
      dragged.current = room;
      setTarget(null);
    },
    dragOver: (room) => {
      if (dragged.current === null) return false;
      setTarget(room === dragged.current ? null : room);
      return true;
    },
    drop: (room) => {
      const moved = dragged.current;
      dragged.current = null;
      setTarget(null);
      const index = order.current.findIndex(({ id }) => id === room);
      if (moved !== null && moved !== room && index >= 0) client.preferences.moveFavourite(moved, index).catch(failed);
    },
  }), [client, failed]);

  const focusRow = (id: string | undefined) => {
    if (id === undefined) return;
    setFocused(id);
    virtualizer.scrollToIndex(rows.findIndex(({ key }) => key === id), { align: 'auto' });
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-room-id="${CSS.escape(id)}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!(event.target instanceof HTMLAnchorElement) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = ids.indexOf(event.target.dataset['roomId'] ?? '');
    const next = { ArrowDown: ids[at + 1], ArrowUp: ids[at - 1], Home: ids[0], End: ids.at(-1) }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focusRow(next);
  };

  const chosen = menu && (favourites.find(({ id }) => id === menu.room) ?? others.find(({ id }) => id === menu.room));
  const closeMenu = (refocus: boolean) => {
    setMenu(null);
    if (refocus) focusRow(menu?.room);
  };
  return (
    <>
      <ul ref={list} className={styles['list']} style={{ height: virtualizer.getTotalSize() }} data-testid="room-list" data-count={ids.length} onKeyDown={onKeyDown}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          return row && (
            <li key={key} ref={virtualizer.measureElement} className={styles['row']} data-index={index} data-drop={row.key === target || undefined} style={{ transform: `translateY(${start}px)` }}>
              {'heading' in row ? (
                <h2 className={styles['section']}>{row.heading}</h2>
              ) : (
                <RoomItem
                  room={row.room}
                  active={row.key === current}
                  draft={hasDraft(begun, me.id, row.key)}
                  tabStop={row.key === entry}
                  movable={sorted && row.room.preferences.favourite}
                  actions={actions}
                />
              )}
            </li>
          );
        })}
      </ul>
      {menu && chosen && (
        <Suspense fallback={null}>
          <RoomMenu key={menu.room} room={chosen} at={menu.at} favourites={favourites.filter(({ preferences }) => preferences.favourite)} onClose={closeMenu} onFailed={failed} />
        </Suspense>
      )}
    </>
  );
}
