import type { ChatApi } from '@/lib/api/chat-api';
import type { Message } from '@/lib/api/schemas';
import { runIsolated } from '@/lib/store';
import type { Saved } from './saved';
import type { Timelines } from './timelines';
import { Undo, type Deed } from './undo';

interface DeedsOptions {
  readonly user: string;
  readonly api: ChatApi;
  readonly saved: Saved;
  readonly timelines: Timelines;
  readonly onLeft: (room: string) => void;
}

const shownWithinMs = 3_000;

/** What the user does and may take back for a while: deleting a message, leaving a room, saving a message no more. */
export class Deeds {
  readonly undo: Undo;

  readonly #options: DeedsOptions;
  readonly #listeners = new Set<(deed: Deed, code: string) => void>();

  constructor(options: DeedsOptions) {
    this.#options = options;
    this.undo = new Undo({
      user: options.user,
      carryOut: (deed, leaving) => this.#carryOut(deed, leaving),
      onRefused: (deed, code) => {
        for (const listener of this.#listeners) runIsolated(listener, deed, code);
      },
    });
  }

  /** What was shown as done has been refused. */
  onRefused(listener: (deed: Deed, code: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  deleteMessage({ room, id }: Message): void {
    this.undo.add({ kind: 'delete', room, id });
  }

  leave(room: string): void {
    this.undo.add({ kind: 'leave', room, id: room });
  }

  unsave({ room, id }: Message): void {
    this.undo.add({ kind: 'unsave', room, id });
  }

  async save(message: Message): Promise<void> {
    if (!this.undo.undo(`unsave:${message.id}`)) await this.#options.saved.set(message, true);
  }

  async #carryOut({ kind, room, id }: Deed, leaving: boolean): Promise<void> {
    const { api, saved, onLeft } = this.#options;
    if (kind === 'delete') {
      await api.deleteMessage(room, id, leaving);
      if (!leaving) await this.#shown(room, id);
    } else if (kind === 'leave') {
      await api.leave(room, leaving);
      if (!leaving) onLeft(room);
    } else {
      await api.saveMessage(room, id, false, leaving);
      if (!leaving) saved.learn(id, false);
    }
  }

  /** The event may come after the answer: until then the message must not be there again. */
  async #shown(room: string, id: string): Promise<void> {
    const { all } = this.#options.timelines;
    const isThere = () => all.get().get(room)?.log.window.some((message) => message.id === id && !message.deleted) ?? false;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      };
      const timer = setTimeout(end, shownWithinMs);
      const unsubscribe = all.subscribe(() => {
        if (!isThere()) end();
      });
      if (!isThere()) end();
    });
  }
}
