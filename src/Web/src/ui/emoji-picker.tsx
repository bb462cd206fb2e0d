import { EmojiPicker as Picker } from 'frimousse';
import { useT } from '@/lib/i18n/use-t';
import { Dialog } from '@/ui/dialog';
import styles from './emoji-picker.module.css';

interface EmojiPickerProps {
  onPick: (emoji: string) => void;
  onClose: () => void;
}

const often = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'];

/** Loaded when it is first opened. Its data is this server's own, so that no other site learns who reacts to what. */
export default function EmojiPicker({ onPick, onClose }: EmojiPickerProps) {
  const t = useT();
  const pick = (emoji: string) => {
    onPick(emoji);
    onClose();
  };
  return (
    <Dialog title={t('reaction.add')} size="s" testId="emoji-picker" onClose={onClose}>
      <div className={styles['often']} role="group" aria-label={t('emoji.often')}>
        {often.map((emoji) => (
          <button key={emoji} type="button" className={styles['emoji']} data-testid="emoji-often" data-emoji={emoji} onClick={() => pick(emoji)}>{emoji}</button>
        ))}
      </div>
      <Picker.Root className={styles['picker']} columns={8} locale={t.locale.startsWith('pt') ? 'pt' : 'en'} emojibaseUrl="/emoji" onEmojiSelect={({ emoji }) => pick(emoji)}>
        <Picker.Search className={styles['search']} placeholder={t('emoji.search')} aria-label={t('emoji.search')} data-autofocus="" data-testid="emoji-search" />
        <Picker.Viewport className={styles['viewport']}>
          <Picker.Loading className={styles['note']}>{t('emoji.loading')}</Picker.Loading>
          <Picker.Empty className={styles['note']}>{t('emoji.none')}</Picker.Empty>
          <Picker.List
            components={{
              CategoryHeader: ({ category, ...props }) => <div className={styles['category']} {...props}>{category.label}</div>,
              // ARIA counts from 1, the library from 0. It finds rows by their numbers, all but the first.
              Row: ({ children, ...props }) => <div className={styles['row']} {...props} aria-rowindex={props['aria-rowindex'] === 0 ? undefined : props['aria-rowindex']}>{children}</div>,
              Emoji: ({ emoji, ...props }) => (
                <button type="button" className={styles['emoji']} data-active={emoji.isActive || undefined} {...props} aria-colindex={(props['aria-colindex'] ?? 0) + 1}>{emoji.emoji}</button>
              ),
            }}
          />
        </Picker.Viewport>
      </Picker.Root>
    </Dialog>
  );
}
