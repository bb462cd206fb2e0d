import { ArrowDown, ArrowUp, AtSign, Bell, BellOff, BellRing, CheckCheck, Star, StarOff, Volume2, VolumeX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Preferences } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { MenuItem } from '@/ui/menu';
import { PopupMenu } from '@/ui/popup-menu';
import styles from './room-menu.module.css';

interface RoomMenuProps {
  room: RoomEntry;
  at: DOMRect | { x: number; y: number };
  /** In their order. */
  favourites: readonly RoomEntry[];
  onClose: (refocus: boolean) => void;
  onFailed: (error: unknown) => void;
}

/** How the user wants the room, from the list. */
export function RoomMenu({ room, at, favourites, onClose, onFailed }: RoomMenuProps) {
  const t = useT();
  const { client } = useChat();
  const { preferences, id } = room;
  const { notify, muted, favourite } = preferences;
  const change = (part: Partial<Preferences>) => void client.preferences.change(id, part).catch(onFailed);
  const place = favourites.findIndex((one) => one.id === id);
  const move = (index: number) => void client.preferences.moveFavourite(id, index).catch(onFailed);
  const level = (value: Preferences['notify'], icon: ReactNode, text: string) => (
    <MenuItem icon={icon} checked={notify === value} testId={`notify-${value ?? 'default'}`} onSelect={() => change({ notify: value })}>{text}</MenuItem>
  );
  return (
    <PopupMenu label={t('rooms.menu', { name: room.name })} at={at} onClose={onClose} testId="room-item-popup">
      {room.unread > 0 && (
        <MenuItem icon={<CheckCheck aria-hidden="true" />} testId="room-mark-read" onSelect={() => client.reading.markRoomRead(id)}>{t('rooms.markRead')}</MenuItem>
      )}
      <MenuItem icon={favourite ? <StarOff aria-hidden="true" /> : <Star aria-hidden="true" />} testId="room-favourite" onSelect={() => void client.preferences.setFavourite(id, !favourite).catch(onFailed)}>
        {t(favourite ? 'rooms.favourite.off' : 'rooms.favourite.on')}
      </MenuItem>
      {favourite && place > 0 && (
        <MenuItem icon={<ArrowUp aria-hidden="true" />} testId="favourite-up" onSelect={() => move(place - 1)}>{t('rooms.favourite.up')}</MenuItem>
      )}
      {favourite && place >= 0 && place < favourites.length - 1 && (
        <MenuItem icon={<ArrowDown aria-hidden="true" />} testId="favourite-down" onSelect={() => move(place + 1)}>{t('rooms.favourite.down')}</MenuItem>
      )}
      <MenuItem icon={muted ? <Volume2 aria-hidden="true" /> : <VolumeX aria-hidden="true" />} testId="room-mute" onSelect={() => change({ muted: !muted })}>
        {t(muted ? 'rooms.mute.off' : 'rooms.mute.on')}
      </MenuItem>
      <div role="group" aria-label={t('rooms.notify')}>
        <p className={styles['label']} aria-hidden="true">{t('rooms.notify')}</p>
        {level(null, <Bell aria-hidden="true" />, t('rooms.notify.default'))}
        {level('all', <BellRing aria-hidden="true" />, t('rooms.notify.all'))}
        {level('mentions', <AtSign aria-hidden="true" />, t('rooms.notify.mentions'))}
        {level('none', <BellOff aria-hidden="true" />, t('rooms.notify.none'))}
      </div>
    </PopupMenu>
  );
}
