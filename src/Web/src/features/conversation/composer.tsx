import { Paperclip, Reply, SendHorizontal, X } from 'lucide-react';
import { useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type ClipboardEvent, type KeyboardEvent, type Ref } from 'react';
import type { Message } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { readDraft, writeDraft } from '@/lib/drafts';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { summaryOf } from '@/lib/message-summary';
import { utf8Length } from '@/lib/text';
import { showToast } from '@/lib/toasts';
import { isBusy } from '@/lib/uploads/uploads';
import { phone, useMedia } from '@/lib/use-media';
import { useStore } from '@/lib/use-store';
import { IconButton } from '@/ui/button';
import { usePersonName } from '@/ui/person-name';
import { Attachments } from './files/attachments';
import { pastedFiles } from './files/use-file-drop';
import { optionId, SuggestionList } from './suggestion-list';
import type { Suggestion } from './suggestions';
import { useSuggestions } from './use-suggestions';
import styles from './composer.module.css';

export interface ComposerHandle {
  focus: () => void;
  /** Files for the next message. */
  attach: (files: readonly File[]) => void;
}

interface ComposerProps {
  ref: Ref<ComposerHandle>;
  room: RoomEntry;
  /** The root of the thread that it writes in. */
  thread?: Message;
  replyTo: Message | null;
  onCancelReply: () => void;
  /** ArrowUp in an empty composer: the last own message is edited. */
  onLeaveUp: () => void;
}

const maxHeightPx = 220;

export function Composer({ ref, room, thread, replyTo, onCancelReply, onLeaveUp }: ComposerProps) {
  const t = useT();
  const { client, me } = useChat();
  const touch = useMedia(phone);
  const limits = useStore(client.limits, (value) => value);
  const maxBytes = limits.textBytes;
  const uploads = useStore(client.uploads.items, (value) => value);
  const inThread = thread !== undefined;
  const threadId = thread?.id ?? null;
  const attached = useMemo(() => uploads.filter((item) => item.room === room.id && item.thread === threadId), [uploads, room.id, threadId]);
  const draftOf = threadId ?? room.id;
  const noteId = useId();
  const uploading = attached.some(isBusy);
  const ready = attached.some(({ state }) => state === 'done');
  const [text, setText] = useState(() => readDraft(me.id, draftOf));
  const [caret, setCaret] = useState(text.length);
  const [asked, setAsked] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const over = text.length > maxBytes / 4 ? utf8Length(text) - maxBytes : -1;
  const empty = text.trim() === '' && !ready;
  const blocked = empty || over > 0 || uploading;

  const attach = (files: readonly File[]) => {
    if (files.length === 0) return;
    const left = client.uploads.add(room.id, files, threadId);
    if (left > 0) showToast({ key: 'attachments', title: t('attachments.tooMany', { count: left, max: limits.messageFiles }), tone: 'error' });
    area.current?.focus();
  };
  const attachRef = useRef(attach);
  useLayoutEffect(() => {
    attachRef.current = attach;
  });

  useImperativeHandle(ref, () => ({ focus: () => area.current?.focus(), attach: (files) => attachRef.current(files) }), []);

  useEffect(() => {
    const timer = setTimeout(() => writeDraft(me.id, draftOf, text), 250);
    return () => {
      clearTimeout(timer);
      writeDraft(me.id, draftOf, text);
    };
  }, [text, me.id, draftOf]);

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    // Held meanwhile: a line that gives way for a moment would let the list above it scroll.
    const line = element.parentElement;
    if (line) line.style.height = `${line.offsetHeight}px`;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, maxHeightPx)}px`;
    if (line) line.style.height = '';
  }, [text]);

  useEffect(() => {
    if (replyTo) area.current?.focus();
  }, [replyTo]);

  const suggestions = useSuggestions(room.id, text, caret);
  const suggesting = suggestions.items.length > 0;
  const listId = useId();

  // The browser puts the caret at the end of a text that it is given.
  const caretTo = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (caretTo.current === null) return;
    area.current?.setSelectionRange(caretTo.current, caretTo.current);
    caretTo.current = null;
  }, [text]);

  const pick = (item: Suggestion) => {
    const completed = suggestions.complete(item);
    setText(completed.text);
    setCaret(completed.caret);
    caretTo.current = completed.caret;
  };

  const send = () => {
    setAsked(uploading);
    if (blocked) return;
    client.send(room.id, text.trim(), replyTo?.id ?? null, client.uploads.take(room.id, threadId), threadId);
    setText('');
    onCancelReply();
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const taken = suggestions.take(event.key, event.shiftKey);
    if (taken !== null) {
      event.preventDefault();
      if (taken !== 'moved') pick(taken);
      return;
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) send();
    else if (event.key === 'Escape' && replyTo) onCancelReply();
    else if (event.key === 'ArrowUp' && text === '') onLeaveUp();
    else return;
    event.preventDefault();
  };

  const onPaste = (event: ClipboardEvent) => {
    const files = pastedFiles(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    attach(files.map((file) => named(file, t('attachments.pasted', { time: fileTime() }))));
  };

  return (
    <form
      className={styles['composer']}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {suggesting && <SuggestionList id={listId} items={suggestions.items} active={suggestions.active} onPick={pick} />}
      <div className={styles['frame']} data-invalid={over > 0 || undefined}>
        {replyTo && (
          <div className={styles['reply']} data-testid="composer-reply">
            <Reply aria-hidden="true" />
            <p>
              <strong><ReplyingTo author={replyTo.author} /></strong>
              <span>{summaryOf(t, replyTo)}</span>
            </p>
            <IconButton label={t('composer.reply.cancel')} onClick={onCancelReply}><X /></IconButton>
          </div>
        )}
        <Attachments items={attached} uploads={client.uploads} maxBytes={limits.fileBytes} onEmpty={() => area.current?.focus()} />
        <div className={styles['line']}>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            accept={limits.fileTypes.join(',')}
            aria-label={t('composer.attach')}
            data-testid="file-input"
            onChange={({ currentTarget }) => {
              attach([...(currentTarget.files ?? [])]);
              // The same file again must be a change too.
              currentTarget.value = '';
            }}
          />
          <IconButton className={styles['attach']} label={t('composer.attach')} data-testid="attach" onClick={() => picker.current?.click()}><Paperclip /></IconButton>
          <textarea
            ref={area}
            rows={1}
            value={text}
            dir="auto"
            autoFocus={!touch}
            enterKeyHint="send"
            aria-label={t(inThread ? 'thread.composer' : 'composer.label', { room: room.name })}
            aria-describedby={noteId}
            aria-autocomplete="list"
            aria-controls={suggesting ? listId : undefined}
            aria-activedescendant={suggesting ? optionId(listId, suggestions.active) : undefined}
            aria-invalid={over > 0}
            placeholder={inThread ? t('thread.composer') : t('composer.placeholder', { room: room.name })}
            data-testid={inThread ? 'thread-input' : 'composer-input'}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
            onChange={({ target }) => {
              setText(target.value);
              setCaret(target.selectionStart);
              if (target.value.trim() !== '' && !inThread) client.live.typed(room.id);
            }}
          />
          <button type="submit" className={styles['send']} disabled={blocked} aria-label={t('composer.send')} title={t('composer.send')} data-testid={inThread ? 'thread-send' : 'composer-send'}>
            <SendHorizontal aria-hidden="true" />
          </button>
        </div>
      </div>
      {over > 0 ? (
        <p id={noteId} className={styles['error']} role="alert" data-testid="composer-error">{t('composer.tooLong', { bytes: over })}</p>
      ) : (
        <p id={noteId} className={styles['hint']} data-asked={(asked && uploading) || undefined} role="status">{t(uploading ? 'composer.uploading' : 'composer.hint')}</p>
      )}
    </form>
  );
}

/** Every pasted picture is called image.png: a time tells them apart. */
function named(file: File, name: string): File {
  const generic = /^image\.(\w+)$/.exec(file.name);
  return generic ? new File([file], `${name}.${generic[1] ?? 'png'}`, { type: file.type, lastModified: file.lastModified }) : file;
}

/** As it may stand in a file's name. */
function fileTime(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
}

function ReplyingTo({ author }: { author: Message['author'] }) {
  return useT()('composer.replying', { name: usePersonName(author) });
}
