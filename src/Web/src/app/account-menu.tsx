import { Activity, ChevronsUpDown, Keyboard, LogOut, MoonStar, Settings } from 'lucide-react';
import { errorCode } from '@/lib/api/http';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStore } from '@/lib/use-store';
import { Menu, MenuItem } from '@/ui/menu';
import { PersonAvatar } from '@/ui/person-avatar';
import { ThemeToggle } from '@/ui/preferences';
import { useQuiet } from './use-quiet';
import styles from './account-menu.module.css';

export function AccountMenu({ onSettings, onShortcuts }: { onSettings: () => void; onShortcuts: () => void }) {
  const t = useT();
  const { session, client, me } = useChat();
  const quiet = useQuiet();
  const connected = useStore(client.socket.state, (state) => state.phase === 'live');

  const logout = () => {
    session.logout().catch((error: unknown) => showToast({ key: 'logout', title: translateError(t, errorCode(error)), tone: 'error' }));
  };

  return (
    <div className={styles['account']}>
      <Menu
        label={t('menu.open')}
        named
        align="start"
        className={styles['trigger']}
        testId="user-menu"
        trigger={
          <>
            <PersonAvatar id={me.id} name={me.displayName} online={connected} />
            <span className={styles['names']}>
              <strong data-testid="my-name">{me.displayName}</strong>{' '}
              <span>@{me.username}</span>
            </span>
            {quiet && <MoonStar role="img" aria-label={t('notices.quiet')} data-testid="quiet-now" />}
            <ChevronsUpDown aria-hidden="true" />
          </>
        }
      >
        <MenuItem icon={<Settings aria-hidden="true" />} testId="settings-open" onSelect={onSettings}>{t('menu.settings')}</MenuItem>
        <MenuItem icon={<Keyboard aria-hidden="true" />} testId="shortcuts-open" onSelect={onShortcuts}>{t('menu.shortcuts')}</MenuItem>
        {me.owner && (
          <MenuItem icon={<Activity aria-hidden="true" />} testId="admin-open" onSelect={() => navigate({ view: 'admin', page: 'overview' })}>{t('menu.admin')}</MenuItem>
        )}
        <MenuItem icon={<LogOut aria-hidden="true" />} danger testId="logout" onSelect={logout}>{t('menu.logout')}</MenuItem>
      </Menu>
      <ThemeToggle />
    </div>
  );
}
