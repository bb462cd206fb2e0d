import { useCallback } from 'react';
import type { History, Node, Shard } from '@/lib/api/admin-schemas';
import { shortTime } from '@/lib/dates';
import { formatBytes } from '@/lib/files';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { Chart, type Line } from './chart';
import { milliseconds, number, percent, shortAddress } from './format';
import { Freshness } from './freshness';
import { usePolled } from './use-polled';
import styles from './admin.module.css';

const nodesEveryMs = 3_000;
const historyEveryMs = 10_000;

export function OverviewPage() {
  const t = useT();
  const { session } = useChat();
  const { api } = session;
  const now = usePolled(useCallback(async () => (await api.nodes()).items, [api]), nodesEveryMs);
  // Apart from the nodes: during a fail-over nobody knows the shards, and the nodes are what one looks for.
  const shards = usePolled(useCallback(async () => (await api.shards()).items, [api]), nodesEveryMs);
  const history = usePolled(api.history, historyEveryMs);
  return (
    <>
      <Freshness of={now} />
      <section aria-labelledby="admin-nodes">
        <h2 id="admin-nodes">{t('admin.nodes')}</h2>
        <ul className={styles['nodes']} data-testid="admin-nodes">
          {now.value?.map((node) => (
            <NodeCard key={node.address} node={node} shards={shards.value?.filter((shard) => shard.node === node.address) ?? []} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="admin-hour">
        <h2 id="admin-hour">{t('admin.hour')}</h2>
        {history.value ? <Charts history={history.value} /> : <Freshness of={history} />}
      </section>
    </>
  );
}

function NodeCard({ node, shards }: { node: Node; shards: readonly Shard[] }) {
  const t = useT();
  const { report } = node;
  const name = shortAddress(node.address);
  const facts: readonly (readonly [string, string])[] = report
    ? [
        [t('admin.rooms'), number(t, node.rooms)],
        [t('admin.shards'), number(t, node.shards)],
        [t('admin.sockets'), number(t, report.sockets)],
        [t('admin.queued'), number(t, report.queued)],
        [t('admin.sends'), number(t, report.sendsPerSecond, 1)],
        [t('admin.inFlight'), number(t, report.sendsInFlight)],
        [t('admin.writes'), number(t, report.writesWaiting)],
        [t('admin.cpu'), percent(t, report.cpu)],
        [t('admin.memory'), formatBytes(t, report.memoryBytes)],
      ]
    : [[t('admin.rooms'), number(t, node.rooms)], [t('admin.shards'), number(t, node.shards)]];
  return (
    <li className={styles['card']} data-testid="admin-node" data-address={node.address}>
      <h3 title={node.address}>{name}</h3>
      <p className={styles['badges']}>
        {node.roles.map((role) => <span key={role}>{role}</span>)}
        <span data-tone={node.status === 'up' ? 'good' : 'warning'}>{node.status}</span>
        {!node.reachable && <span data-tone="bad">{t('admin.node.unreachable')}</span>}
        {node.leader && <span>{t('admin.node.leader')}</span>}
        {node.coordinator && <span>{t('admin.node.coordinator')}</span>}
        <span>{node.version}</span>
      </p>
      {report ? <p className={styles['muted']}>{t('admin.node.up', { time: shortTime(t, report.startedAt) })}</p> : <p className={styles['warning']}>{t('admin.node.silent')}</p>}
      <dl className={styles['facts']}>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {shards.length > 0 && (
        <details className={styles['shards']}>
          <summary>{t('admin.shards.label', { node: name })}</summary>
          <ul>
            {shards.map(({ shard, rooms }) => <li key={shard}>{`${shard}: ${t('admin.shards.rooms', { count: rooms })}`}</li>)}
          </ul>
        </details>
      )}
    </li>
  );
}

function Charts({ history }: { history: History }) {
  const t = useT();
  const { total, nodes } = history;
  const one = (name: string, values: Line['values']): readonly Line[] => [{ name, values }];
  const perNode = (values: (node: History['nodes'][number]) => Line['values']): readonly Line[] =>
    nodes.map((node) => ({ name: shortAddress(node.address), values: values(node) }));
  return (
    <div className={styles['charts']} data-testid="admin-charts">
      <Chart title={t('admin.sockets')} lines={one('sockets', total.sockets)} format={number} testId="chart-sockets" />
      <Chart title={t('admin.rooms')} lines={one('rooms', total.rooms)} format={number} testId="chart-rooms" />
      <Chart title={t('admin.sends')} lines={one('sends', total.sendsPerSecond)} format={(of, value) => number(of, value, 1)} testId="chart-sends" />
      <Chart title={t('admin.p99')} lines={one('p99', total.sendP99Ms)} format={milliseconds} testId="chart-p99" />
      <Chart title={t('admin.inFlight')} lines={one('inFlight', total.sendsInFlight)} format={number} testId="chart-in-flight" />
      <Chart title={t('admin.queued')} lines={one('queued', total.queued)} format={number} testId="chart-queued" />
      <Chart title={t('admin.writes')} lines={one('writes', total.writesWaiting)} format={number} testId="chart-writes" />
      <Chart title={t('admin.workWaiting')} lines={one('waiting', total.workWaiting)} format={number} testId="chart-work" />
      <Chart title={t('admin.workDead')} lines={one('dead', total.workDead)} format={number} testId="chart-dead" />
      <Chart title={t('admin.cpu')} lines={perNode((node) => node.cpu)} format={percent} testId="chart-cpu" />
      <Chart title={t('admin.memory')} lines={perNode((node) => node.memoryBytes)} format={formatBytes} testId="chart-memory" />
    </div>
  );
}
