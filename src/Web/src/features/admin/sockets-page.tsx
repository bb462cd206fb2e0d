import { PlugZap } from 'lucide-react';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { Empty } from '@/ui/empty';
import { duration, number, shortAddress } from './format';
import { Freshness } from './freshness';
import { Table } from './table';
import { usePolled } from './use-polled';

const everyMs = 3_000;

export function SocketsPage() {
  const t = useT();
  const { session } = useChat();
  const sockets = usePolled(session.api.sockets, everyMs);
  return (
    <>
      <Freshness of={sockets} />
      {sockets.value?.items.length === 0 && <Empty icon={<PlugZap />} title={t('admin.sockets.none')} />}
      {sockets.value && sockets.value.items.length > 0 && (
        <Table
          label={t('admin.sockets')}
          testId="admin-socket-table"
          columns={[
            { name: t('admin.user') },
            { name: t('admin.node') },
            { name: t('admin.open'), isNumber: true },
            { name: t('admin.silent'), isNumber: true },
            { name: t('admin.rooms'), isNumber: true },
            { name: t('admin.waiting'), isNumber: true },
          ]}
          rows={sockets.value.items.map((socket, i) => ({
            key: `${socket.node}-${socket.user ?? ''}-${i}`,
            cells: [
              socket.username === null ? t('admin.noHello') : `@${socket.username}`,
              shortAddress(socket.node),
              duration(t, socket.openSeconds),
              duration(t, socket.silentSeconds),
              number(t, socket.rooms),
              number(t, socket.queued),
            ],
          }))}
        />
      )}
    </>
  );
}
