import * as v from 'valibot';

/** The shapes under "Installation" of docs/rest.md. Unknown fields are dropped. */

const maybe = <T extends v.GenericSchema>(schema: T) => v.optional(v.nullable(schema), null);

export const nodeReport = v.object({
  startedAt: v.string(),
  cpu: v.number(),
  memoryBytes: v.number(),
  sockets: v.number(),
  queued: v.number(),
  sendsPerSecond: v.number(),
  sendP99Ms: maybe(v.number()),
  sendsInFlight: v.number(),
  writesWaiting: v.number(),
});

export const node = v.object({
  address: v.string(),
  roles: v.array(v.string()),
  status: v.string(),
  reachable: v.boolean(),
  leader: v.boolean(),
  coordinator: v.boolean(),
  version: v.string(),
  shards: v.number(),
  rooms: v.number(),
  report: maybe(nodeReport),
});
export type Node = v.InferOutput<typeof node>;

export const shard = v.object({ shard: v.string(), node: v.string(), rooms: v.number() });
export type Shard = v.InferOutput<typeof shard>;

export const adminRoom = v.object({
  id: v.string(),
  name: v.string(),
  visibility: v.picklist(['public', 'private', 'direct']),
  members: v.number(),
  seq: v.number(),
  messages: v.number(),
  createdAt: v.string(),
  lastActive: v.string(),
  shard: v.string(),
  node: maybe(v.string()),
});
export type AdminRoom = v.InferOutput<typeof adminRoom>;

export const adminSocket = v.object({
  node: v.string(),
  user: maybe(v.string()),
  username: maybe(v.string()),
  openSeconds: v.number(),
  silentSeconds: v.number(),
  rooms: v.number(),
  queued: v.number(),
});
export type AdminSocket = v.InferOutput<typeof adminSocket>;

export const workStates = ['waiting', 'running', 'dead'] as const;
export type WorkState = (typeof workStates)[number];

export const work = v.object({
  id: v.string(),
  kind: v.string(),
  key: v.string(),
  state: v.picklist(workStates),
  attempts: v.number(),
  createdAt: v.string(),
  dueAt: v.string(),
  owner: maybe(v.string()),
  lastError: maybe(v.string()),
});
export type Work = v.InferOutput<typeof work>;

export const workDepth = v.object({ kind: v.string(), state: v.picklist(workStates), count: v.number(), oldestSeconds: v.number() });

export const workPage = v.object({ depths: v.array(workDepth), items: v.array(work), nextCursor: maybe(v.string()) });
export type WorkPage = v.InferOutput<typeof workPage>;

const line = v.array(v.nullable(v.number()));

export const history = v.object({
  from: v.string(),
  stepSeconds: v.number(),
  total: v.object({
    sockets: line,
    rooms: line,
    sendsPerSecond: line,
    sendP99Ms: line,
    sendsInFlight: line,
    queued: line,
    writesWaiting: line,
    workWaiting: line,
    workDead: line,
  }),
  nodes: v.array(v.object({ address: v.string(), cpu: line, memoryBytes: line })),
});
export type History = v.InferOutput<typeof history>;
