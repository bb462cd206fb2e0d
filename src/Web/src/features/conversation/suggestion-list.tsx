import { useT } from '@/lib/i18n/use-t';
import { PersonAvatar } from '@/ui/person-avatar';
import type { Suggestion } from './suggestions';
import styles from './suggestion-list.module.css';

interface SuggestionListProps {
  id: string;
  items: readonly Suggestion[];
  active: number;
  onPick: (item: Suggestion) => void;
}

export const optionId = (list: string, index: number): string => `${list}-${index}`;

/** The focus stays in the text; the text says which option is the active one. */
export function SuggestionList({ id, items, active, onPick }: SuggestionListProps) {
  const t = useT();
  return (
    <ul id={id} role="listbox" aria-label={t('suggestions.label')} className={styles['list']} data-testid="suggestions">
      {items.map((item, index) => (
        <li
          key={item.key}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === active}
          className={styles['item']}
          data-testid="suggestion"
          // Before the text loses the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(item);
          }}
        >
          {item.user && <PersonAvatar id={item.user.id} name={item.label} />}
          <span className={styles['label']}>{item.label}</span>
          <span className={styles['detail']}>{item.detail}</span>
        </li>
      ))}
    </ul>
  );
}
