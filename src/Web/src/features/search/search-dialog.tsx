import { Hash, Search, SearchX, X } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { MessageHit } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { goToMessage } from '@/lib/route';
import { Avatar } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Empty, Skeleton } from '@/ui/empty';
import { HitRow } from './hit-row';
import { useCompletions, type Completion } from './use-completions';
import { useSearch, type Results } from './use-search';
import { filters, replaceWord, withoutWord, wordAt, wordsOf } from './words';
import styles from './search.module.css';

/** The server may go through so many messages without one that matches; then the user says whether to go on. */
const maxBarren = 8;

interface SearchDialogProps {
  /** What to begin with; where it is empty, with the last search. */
  preset: string;
  onClose: () => void;
}

/** Search over all messages one may see. Focus stays in the field; arrows choose what is below it, Enter opens it. */
export function SearchDialog({ preset, onClose }: SearchDialogProps) {
  const t = useT();
  const search = useSearch(preset);
  const { text, setText, query, results, error, busy } = search;
  const [caret, setCaret] = useState(text.length);
  const [dismissed, setDismissed] = useState(true);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();

  const word = useMemo(() => wordAt(text, caret), [text, caret]);
  const completions = useCompletions(word);
  const open = completions.length > 0 && !dismissed;
  // A filter's value is completed by Enter; a word that could be a filter's name only once it is chosen.
  const [suggested, setSuggested] = useState(-1);
  const at = suggested < 0 && word?.filter && word.value !== '' ? 0 : suggested;
  const [chosenId, setChosenId] = useState<string | null>(search.opened);
  const hits = results?.hits ?? [];
  const chosen = Math.max(0, hits.findIndex(({ message }) => message.id === chosenId));

  useEffect(() => {
    const element = input.current;
    element?.setSelectionRange(preset === '' ? 0 : element.value.length, element.value.length);
  }, [preset]);

  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);

  // Before the next key: what is typed at once goes on where the text was written.
  const [written, setWritten] = useState<{ position: number } | null>(null);
  useLayoutEffect(() => {
    if (!written) return;
    input.current?.focus();
    input.current?.setSelectionRange(written.position, written.position);
  }, [written]);

  const write = (next: string, position: number) => {
    setText(next);
    setCaret(position);
    setSuggested(-1);
    setWritten({ position });
  };

  const take = (completion: Completion) => {
    const next = replaceWord(text, word ?? { start: caret, end: caret }, completion.text, completion.complete);
    setDismissed(completion.complete);
    write(next.text, next.caret);
  };

  const addFilter = (name: string) => {
    const before = text.trimEnd() === '' ? '' : `${text.trimEnd()} `;
    setDismissed(false);
    write(`${before}${name}:`, before.length + name.length + 1);
  };

  const go = (hit: MessageHit | undefined) => {
    if (!hit) return;
    const { room, id: message } = hit.message;
    search.setOpened(message);
    onClose();
    goToMessage(room, message);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const completion = open ? completions[at] : undefined;
    if (step !== 0 && open) setSuggested((at + step + completions.length) % completions.length);
    else if (step !== 0) setChosenId(hits[Math.min(hits.length - 1, Math.max(0, chosen + step))]?.message.id ?? null);
    else if ((event.key === 'Enter' || event.key === 'Tab') && completion) take(completion);
    else if (event.key === 'Tab' && open && !event.shiftKey && completions[0]) take(completions[0]);
    else if (event.key === 'Enter') go(hits[chosen]);
    else if (event.key === 'Escape' && open) setDismissed(true);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t('search.title')} onClose={onClose} bare size="l" testId="search-dialog">
      <div className={styles['field']}>
        <Search aria-hidden="true" />
        <input
          ref={input}
          data-autofocus
          type="text"
          enterKeyHint="search"
          value={text}
          maxLength={400}
          role="combobox"
          aria-expanded={open || hits.length > 0}
          aria-controls={open ? `${id}-completions` : `${id}-hits`}
          aria-activedescendant={open ? (at < 0 ? undefined : `${id}-c${at}`) : hits.length > 0 ? `${id}-${chosen}` : undefined}
          aria-label={t('search.title')}
          placeholder={t('search.placeholder')}
          autoComplete="off"
          spellCheck={false}
          data-testid="search-input"
          onKeyDown={onKeyDown}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? currentTarget.value.length)}
          onChange={({ target }) => {
            setText(target.value);
            setCaret(target.selectionStart ?? target.value.length);
            setSuggested(-1);
            setDismissed(false);
            setChosenId(null);
          }}
        />
        <IconButton label={t('common.close')} data-testid="search-close" onClick={onClose}><X /></IconButton>
      </div>
      {open && (
        <ul id={`${id}-completions`} role="listbox" aria-label={t('search.completions')} className={styles['completions']}>
          {completions.map((completion, index) => (
            <li
              key={completion.key}
              id={`${id}-c${index}`}
              role="option"
              aria-selected={index === at}
              className={styles['completion']}
              data-testid="search-completion"
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(completion)}
            >
              <span>{completion.label}</span>
              {completion.hint !== '' && <span className={styles['hint']}>{completion.hint}</span>}
            </li>
          ))}
        </ul>
      )}
      <div className={styles['chips']}>
        {wordsOf(text).filter((found) => found.filter && found.value !== '' && found !== word && found.end !== caret).map((found) => (
          <button
            key={found.start}
            type="button"
            className={styles['chip']}
            data-testid="search-chip"
            aria-label={t('search.filter.remove', { filter: found.text })}
            onClick={() => write(withoutWord(text, found), withoutWord(text, found).length)}
          >
            <span>{found.text}</span>
            <X aria-hidden="true" />
          </button>
        ))}
        {filters.map((name) => (
          <button key={name} type="button" className={styles['add']} title={t(`search.filter.${name}`)} data-testid={`search-add-${name}`} onClick={() => addFilter(name)}>
            {name}:
          </button>
        ))}
      </div>
      <div className={styles['results']} aria-busy={busy}>
        <p className="visually-hidden" role="status">
          {busy ? t('common.loading') : results && t('search.found', { count: hits.length })}
        </p>
        {error === 'invalid' && <Empty icon={<SearchX />} title={t('search.invalid')} text={t('search.invalid.hint')} testId="search-error" />}
        {error !== null && error !== 'invalid' && (
          <Empty icon={<SearchX />} title={translateError(t, error)} testId="search-error">
            <Button variant="primary" data-testid="search-retry" onClick={search.retry}>{t('common.retry')}</Button>
          </Empty>
        )}
        {query === '' && <Empty icon={<Search />} title={t('search.start')} text={t('search.start.hint')} />}
        {error === null && query !== '' && !results && <div className={styles['loading']}><Skeleton rows={4} /></div>}
        {error === null && results && hits.length === 0 && results.next === null && (
          <Empty icon={<SearchX />} title={t('search.none')} text={t('search.none.hint')} testId="search-none" />
        )}
        <div id={`${id}-hits`} role="listbox" aria-label={t('search.results')} className={styles['list']} data-testid="search-hits">
          {groupsOf(hits).map(({ first, room, items }) => (
            <div key={first} role="group" aria-label={room.name}>
              <p className={styles['room']} aria-hidden="true">
                {room.picture === null ? <Hash /> : <Avatar id={room.id} name={room.name} picture={room.picture} square size={20} />}
                <span>{room.name}</span>
              </p>
              {items.map((hit, index) => (
                <HitRow
                  key={hit.message.id}
                  id={`${id}-${first + index}`}
                  hit={hit}
                  chosen={first + index === chosen}
                  opened={hit.message.id === search.opened}
                  onChoose={() => setChosenId(hit.message.id)}
                  onOpen={() => go(hit)}
                />
              ))}
            </div>
          ))}
        </div>
        {results?.next && error === null && <More key={`${query} ${hits.length} ${results.barren}`} results={results} busy={busy} onMore={search.more} />}
      </div>
      <p className={styles['keys']}>{t('search.keys')}</p>
    </Dialog>
  );
}

/** The next page: fetched when the end comes into view, as long as pages have something. */
function More({ results, busy, onMore }: { results: Results; busy: boolean; onMore: () => void }) {
  const t = useT();
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || results.barren >= maxBarren || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && onMore());
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [results.barren, onMore]);
  return (
    <div ref={end} className={styles['more']}>
      <Button variant="ghost" busy={busy} data-testid="search-more" onClick={onMore}>{t('search.older')}</Button>
    </div>
  );
}

/** Neighbours of one room together; the order stays that of time. */
function groupsOf(hits: readonly MessageHit[]) {
  const groups: { first: number; room: MessageHit['room']; items: MessageHit[] }[] = [];
  hits.forEach((hit, index) => {
    const last = groups.at(-1);
    if (last?.room.id === hit.room.id) last.items.push(hit);
    else groups.push({ first: index, room: hit.room, items: [hit] });
  });
  return groups;
}
