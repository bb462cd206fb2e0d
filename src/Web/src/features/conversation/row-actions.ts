import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import type { ChatClient } from '@/lib/chat/chat-client';
import { copyText } from '@/lib/clipboard';
import { translateError, type Translator } from '@/lib/i18n/i18n';
import { offerUndo } from '@/lib/offer-undo';
import { showProfile } from '@/lib/overlays';
import { urlOf } from '@/lib/route';
import { showToast } from '@/lib/toasts';
import type { MessageCommands } from './message-actions';
import type { RowActions } from './message-row';

type SharedActions = Pick<RowActions,
  'remove' | 'keep' | 'react' | 'pin' | 'save' | 'wantQuote' | 'copyText' | 'copyLink' | 'retry' | 'discard' | 'previewOf' | 'showAuthor' | 'removeCards'>;

/** What a message's row does wherever it stands: in its room or in a thread. */
export function sharedActions(client: ChatClient, t: Translator, room: string): SharedActions {
  const failed = (key: string) => (error: unknown) => showToast({ key, title: translateError(t, errorCode(error)), tone: 'error' });
  return {
    remove: (message) => offerUndo(client, t, { kind: 'delete', room: message.room, id: message.id }),
    keep: (message, on) => {
      if (on) void client.deeds.save(message).catch(failed('message'));
      else offerUndo(client, t, { kind: 'unsave', room: message.room, id: message.id });
    },
    react: (message, emoji, on) => void client.setReaction(message, emoji, on).catch(failed('message')),
    pin: (message, on) => void client.pinMessage(message, on).catch(failed('message')),
    save: (message, text) => client.editMessage(message, text),
    wantQuote: (id) => client.quotes.want(room, id),
    copyText: ({ text }) => void copyText(t, text),
    copyLink: ({ id }) => void copyText(t, urlOf({ view: 'room', room, message: id }), t('invites.copied')),
    retry: (cid) => client.outbox.retry(cid),
    discard: (cid) => client.outbox.discard(cid),
    previewOf: (id) => client.uploads.previewOf(id),
    showAuthor: (user) => showProfile(user, room),
    removeCards: (message) => void client.removeLinkCards(message).catch(failed('link-cards')),
  };
}

interface Reader {
  readonly me: string;
  /** Whether the user may delete what others wrote. */
  readonly moderates: boolean;
  readonly isSaved: (id: string) => boolean;
}

/** What a key does to the message that has the focus. False: nothing. */
export function actByKey(key: string, message: Message | null | undefined, { me, moderates, isSaved }: Reader, commands: MessageCommands): boolean {
  if (!message || message.deleted) return false;
  const own = message.author.id === me;
  const keys: Readonly<Record<string, ((message: Message) => void) | false>> = {
    r: commands.reply,
    e: own && commands.edit,
    s: (one) => commands.keep(one, !isSaved(one.id)),
    '+': commands.pickEmoji,
    delete: (own || moderates) && commands.remove,
  };
  const act = keys[key.toLowerCase()];
  if (!act) return false;
  act(message);
  return true;
}
