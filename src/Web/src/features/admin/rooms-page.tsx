import { Globe, Lock, MessagesSquare } from 'lucide-react';
import { useCallback, useState } from 'react';
import { shortTime } from '@/lib/dates';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { Empty } from '@/ui/empty';
import { Field } from '@/ui/field';
import { number, shortAddress } from './format';
import { Freshness } from './freshness';
import { Table } from './table';
import { usePolled } from './use-polled';
import styles from './admin.module.css';

const everyMs = 5_000;

export function RoomsPage() {
  const t = useT();
  const { session } = useChat();
  const { api } = session;
  const [search, setSearch] = useState('');
  const rooms = usePolled(useCallback(() => api.allRooms(search.trim()), [api, search]), everyMs);
  return (
    <>
      <Field label={t('admin.rooms.search')} type="search" value={search} data-testid="admin-room-search" onChange={({ target }) => setSearch(target.value)} />
      <Freshness of={rooms} />
      {rooms.value?.items.length === 0 && <Empty icon={<MessagesSquare />} title={t('admin.rooms.none')} />}
      {rooms.value && rooms.value.items.length > 0 && (
        <Table
          label={t('admin.rooms')}
          testId="admin-room-table"
          columns={[
            { name: t('admin.room') },
            { name: t('admin.members'), isNumber: true },
            { name: t('admin.messages'), isNumber: true },
            { name: t('admin.active') },
            { name: t('admin.shard'), isNumber: true },
            { name: t('admin.node') },
          ]}
          rows={rooms.value.items.map((room) => ({
            key: room.id,
            cells: [
              <span key="name" className={styles['named']} title={room.id}>
                {room.visibility === 'private' ? <Lock role="img" aria-label={t('rooms.private')} /> : <Globe role="img" aria-label={t('rooms.public')} />}
                {room.name}
              </span>,
              number(t, room.members),
              number(t, room.messages),
              shortTime(t, room.lastActive),
              room.shard,
              room.node === null ? t('admin.nowhere') : shortAddress(room.node),
            ],
          }))}
        />
      )}
    </>
  );
}
