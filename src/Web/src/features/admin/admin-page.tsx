import { ArrowLeft } from 'lucide-react';
import { useEffect } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { adminPages, hashOf, type AdminPage as Page } from '@/lib/route';
import { ThemeToggle } from '@/ui/preferences';
import { OverviewPage } from './overview-page';
import { RoomsPage } from './rooms-page';
import { SocketsPage } from './sockets-page';
import { WorkPage } from './work-page';
import styles from './admin.module.css';

const contents = { overview: OverviewPage, rooms: RoomsPage, sockets: SocketsPage, work: WorkPage } as const;

/** How the installation is, for those who own it. */
export function AdminPage({ page }: { page: Page }) {
  const t = useT();
  const Content = contents[page];

  useEffect(() => {
    const before = document.title;
    document.title = `${t('admin.title')} · ${t('app.name')}`;
    return () => {
      document.title = before;
    };
  }, [t]);

  return (
    <div className={styles['page']} data-testid="admin-page">
      <header className={styles['header']}>
        <a href={hashOf({ view: 'rooms' })} className={styles['back']} aria-label={t('admin.back')} title={t('admin.back')} data-testid="admin-back">
          <ArrowLeft aria-hidden="true" />
        </a>
        <h1>{t('admin.title')}</h1>
        <ThemeToggle />
      </header>
      <nav className={styles['nav']} aria-label={t('admin.nav')}>
        {adminPages.map((name) => (
          <a key={name} href={hashOf({ view: 'admin', page: name })} aria-current={name === page ? 'page' : undefined} data-testid={`admin-${name}`}>
            {t(`admin.${name}`)}
          </a>
        ))}
      </nav>
      <main className={styles['content']}>
        <Content />
      </main>
    </div>
  );
}
