import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { utf8Length } from '@/lib/text';
import { Button } from '@/ui/button';
import styles from './message-editor.module.css';

interface MessageEditorProps {
  message: Message;
  maxBytes: number;
  onSave: (text: string) => Promise<void>;
  onClose: () => void;
}

const maxHeightPx = 320;

/** The text of one's own message, to be changed in its place. */
export function MessageEditor({ message, maxBytes, onSave, onClose }: MessageEditorProps) {
  const t = useT();
  const [text, setText] = useState(message.text);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const over = utf8Length(text) - maxBytes;
  const empty = text.trim() === '' && message.files.length === 0;

  useEffect(() => {
    const element = area.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, maxHeightPx)}px`;
  }, [text]);

  const save = async () => {
    if (busy || empty || over > 0) return;
    if (text.trim() === message.text) {
      onClose();
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await onSave(text.trim());
      onClose();
    } catch (failure) {
      setError(errorCode(failure));
      setBusy(false);
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) void save();
    else return;
    event.preventDefault();
  };

  const problem = over > 0 ? t('composer.tooLong', { bytes: over }) : error === null ? null : t('edit.failed', { reason: translateError(t, error) });
  return (
    <form
      className={styles['editor']}
      data-testid="message-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={area}
        value={text}
        rows={1}
        dir="auto"
        aria-label={t('edit.label')}
        aria-invalid={problem !== null}
        data-testid="message-editor-input"
        onKeyDown={onKeyDown}
        onChange={({ target }) => setText(target.value)}
      />
      {problem !== null && <p className={styles['error']} role="alert">{problem}</p>}
      <div className={styles['buttons']}>
        <span className={styles['hint']}>{t('edit.hint')}</span>
        <Button size="s" variant="ghost" onClick={onClose}>{t('common.cancel')}</Button>
        <Button size="s" variant="primary" type="submit" busy={busy} disabled={empty || over > 0} data-testid="message-editor-save">{t('edit.save')}</Button>
      </div>
    </form>
  );
}
