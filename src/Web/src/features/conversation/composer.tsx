import { Reply, SendHorizontal, X } from 'lucide-react';
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import type { Message } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { readDraft, writeDraft } from '@/lib/drafts';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { plainLine, utf8Length } from '@/lib/text';
import { phone, useMedia } from '@/lib/use-media';
import { useStore } from '@/lib/use-store';
import { IconButton } from '@/ui/button';
import styles from './composer.module.css';

export interface ComposerHandle {
  focus: () => void;
}

interface ComposerProps {
  ref: Ref<ComposerHandle>;
  room: RoomEntry;
  replyTo: Message | null;
  onCancelReply: () => void;
  /** ArrowUp in an empty composer. */
  onLeaveUp: () => void;
}

const maxHeightPx = 220;

export function Composer({ ref, room, replyTo, onCancelReply, onLeaveUp }: ComposerProps) {
  const t = useT();
  const { client, me } = useChat();
  const touch = useMedia(phone);
  const maxBytes = useStore(client.limits, (limits) => limits.textBytes);
  const [text, setText] = useState(() => readDraft(me.id, room.id));
  const area = useRef<HTMLTextAreaElement>(null);
  const over = text.length > maxBytes / 4 ? utf8Length(text) - maxBytes : -1;
  const empty = text.trim() === '';

  useImperativeHandle(ref, () => ({ focus: () => area.current?.focus() }), []);

  useEffect(() => {
    const timer = setTimeout(() => writeDraft(me.id, room.id, text), 250);
    return () => {
      clearTimeout(timer);
      writeDraft(me.id, room.id, text);
    };
  }, [text, me.id, room.id]);

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, maxHeightPx)}px`;
  }, [text]);

  useEffect(() => {
    if (replyTo) area.current?.focus();
  }, [replyTo]);

  const send = () => {
    if (empty || over > 0) return;
    client.send(room.id, text.trim(), replyTo?.id ?? null);
    client.live.sent(room.id);
    setText('');
    onCancelReply();
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) send();
    else if (event.key === 'Escape' && replyTo) onCancelReply();
    else if (event.key === 'ArrowUp' && text === '') onLeaveUp();
    else return;
    event.preventDefault();
  };

  return (
    <form
      className={styles['composer']}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles['frame']} data-invalid={over > 0 || undefined}>
        {replyTo && (
          <div className={styles['reply']} data-testid="composer-reply">
            <Reply aria-hidden="true" />
            <p>
              <strong>{t('composer.replying', { name: replyTo.author.displayName })}</strong>
              <span>{plainLine(replyTo.text)}</span>
            </p>
            <IconButton label={t('composer.reply.cancel')} onClick={onCancelReply}><X /></IconButton>
          </div>
        )}
        <div className={styles['line']}>
          <textarea
            ref={area}
            rows={1}
            value={text}
            dir="auto"
            autoFocus={!touch}
            enterKeyHint="send"
            aria-label={t('composer.label', { room: room.name })}
            aria-describedby="composer-note"
            aria-invalid={over > 0}
            placeholder={t('composer.placeholder', { room: room.name })}
            data-testid="composer-input"
            onKeyDown={onKeyDown}
            onChange={({ target }) => {
              setText(target.value);
              if (target.value.trim() !== '') client.live.typed(room.id);
            }}
          />
          <button type="submit" className={styles['send']} disabled={empty || over > 0} aria-label={t('composer.send')} title={t('composer.send')} data-testid="composer-send">
            <SendHorizontal aria-hidden="true" />
          </button>
        </div>
      </div>
      {over > 0 ? (
        <p id="composer-note" className={styles['error']} role="alert" data-testid="composer-error">{t('composer.tooLong', { bytes: over })}</p>
      ) : (
        <p id="composer-note" className={styles['hint']}>{t('composer.hint')}</p>
      )}
    </form>
  );
}
