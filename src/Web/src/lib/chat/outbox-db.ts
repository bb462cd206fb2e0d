import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { OutboxItem } from './outbox';

/** Stores messages that the server has not acknowledged. They survive a reload, a crash and days offline. */
export interface OutboxDb {
  load(user: string): Promise<OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(cid: string): Promise<void>;
  clear(user: string): Promise<void>;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxItem; indexes: { user: string } };
}

export function openOutboxDb(name = 'akkachat'): OutboxDb {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const db = () =>
    (opened ??= openDB<Schema>(name, 1, {
      upgrade(database) {
        database.createObjectStore('outbox', { keyPath: 'cid' }).createIndex('user', 'user');
      },
    }));
  return {
    load: async (user) => (await db()).getAllFromIndex('outbox', 'user', user),
    async put(item) {
      await (await db()).put('outbox', item);
    },
    remove: async (cid) => (await db()).delete('outbox', cid),
    async clear(user) {
      const transaction = (await db()).transaction('outbox', 'readwrite');
      for (const cid of await transaction.store.index('user').getAllKeys(user)) await transaction.store.delete(cid);
      await transaction.done;
    },
  };
}

/** For browsers without IndexedDB (some private windows): unsent messages are lost with the page; everything else works. */
export function memoryOutboxDb(): OutboxDb {
  const items = new Map<string, OutboxItem>();
  return {
    load: (user) => Promise.resolve([...items.values()].filter((item) => item.user === user)),
    put: (item) => Promise.resolve(void items.set(item.cid, item)),
    remove: (cid) => Promise.resolve(void items.delete(cid)),
    clear(user) {
      for (const item of items.values()) if (item.user === user) items.delete(item.cid);
      return Promise.resolve();
    },
  };
}
