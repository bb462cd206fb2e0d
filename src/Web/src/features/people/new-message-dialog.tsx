import { Search, X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Person } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { Button } from '@/ui/button';
import { Dialog, DialogFooter } from '@/ui/dialog';
import { FormError } from '@/ui/field';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './new-message-dialog.module.css';

const typingPauseMs = 200;
const mostOthers = 9;

/** Chooses one or more people, and opens the direct room of them. A combobox: the chosen ones stand before the text as chips. */
export function NewMessageDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { client, me } = useChat();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<{ readonly query: string; readonly people: readonly Person[] }>({ query: '', people: [] });
  const [at, setAt] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const typed = query.trim();
  const full = chosen.length >= mostOthers;
  const options = typed === '' || full ? [] : found.people.filter((person) => person.id !== me.id && !chosen.some((one) => one.id === person.id));
  const current = options[Math.min(at, options.length - 1)];

  useEffect(() => {
    if (typed === '') return;
    let wanted = true;
    const search = async () => {
      try {
        const { items } = await client.api.searchPeople(typed);
        if (wanted) setFound({ query: typed, people: items });
      } catch (failure) {
        if (wanted) setError(errorCode(failure));
      }
    };
    const timer = setTimeout(() => void search(), typingPauseMs);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [typed, client]);

  const choose = (person: Person) => {
    client.people.learn([person]);
    setChosen([...chosen, person]);
    setQuery('');
    setAt(0);
    setError(null);
    input.current?.focus();
  };

  const remove = (person: Person) => {
    setChosen(chosen.filter((one) => one !== person));
    input.current?.focus();
  };

  const open = async () => {
    if (chosen.length === 0 || busy) return;
    setBusy(true);
    setError(null);
    try {
      const room = await client.openDirect(chosen.map((person) => person.id));
      onClose();
      navigate({ view: 'room', room });
    } catch (failure) {
      setError(errorCode(failure));
      setBusy(false);
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const last = chosen.at(-1);
    if (event.key === 'ArrowDown' && options.length > 0) setAt((at + 1) % options.length);
    else if (event.key === 'ArrowUp' && options.length > 0) setAt((at + options.length - 1) % options.length);
    else if (event.key === 'Enter' && current) choose(current);
    else if (event.key === 'Enter' && typed === '') void open();
    else if (event.key === 'Backspace' && query === '' && last) remove(last);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t('people.new')} onClose={onClose} testId="new-message-dialog">
      <div className={styles['box']}>
        <Search aria-hidden="true" />
        <ul className={styles['chips']} aria-label={t('people.chosen')}>
          {chosen.map((person) => (
            <li key={person.id} className={styles['chip']} data-testid="person-chip">
              <span>{person.displayName}</span>
              <button type="button" aria-label={t('people.remove', { name: person.displayName })} onClick={() => remove(person)}><X aria-hidden="true" /></button>
            </li>
          ))}
        </ul>
        <input
          ref={input}
          data-autofocus
          value={query}
          role="combobox"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={current ? `${id}-${current.id}` : undefined}
          aria-label={t('people.search')}
          placeholder={full ? '' : t('people.search')}
          maxLength={100}
          autoComplete="off"
          data-testid="people-search"
          onKeyDown={onKeyDown}
          onChange={({ target }) => {
            setQuery(target.value);
            setAt(0);
            setError(null);
          }}
        />
      </div>
      <FormError>{error && translateError(t, error)}</FormError>
      <ul id={`${id}-list`} role="listbox" aria-label={t('people.found')} className={styles['options']}>
        {options.map((person) => (
          <li
            key={person.id}
            id={`${id}-${person.id}`}
            role="option"
            aria-selected={person === current}
            className={styles['option']}
            data-testid="person-option"
            data-user-id={person.id}
            onPointerMove={() => setAt(options.indexOf(person))}
            onClick={() => choose(person)}
          >
            <PersonAvatar id={person.id} name={person.displayName} size={28} />
            <span className={styles['names']}>
              <strong>{person.displayName}</strong>
              <span>@{person.username}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className={styles['note']} role="status">
        {full ? t('people.full', { count: mostOthers }) : typed === '' ? t('people.hint') : found.query === typed && options.length === 0 ? t('people.none', { query: typed }) : ''}
      </p>
      <div className={styles['footer']}>
        <DialogFooter>
          <Button variant="ghost" onClick={onClose}>{t('common.cancel')}</Button>
          <Button variant="primary" busy={busy} disabled={chosen.length === 0} data-testid="open-direct" onClick={() => void open()}>{t('people.open')}</Button>
        </DialogFooter>
      </div>
    </Dialog>
  );
}
