import { Component, type ReactNode } from 'react';
import { translator } from '@/lib/i18n/i18n';
import { Button } from '@/ui/button';
import { Logo } from '@/ui/logo';
import styles from './app.module.css';

/** The last resort: shows an error page instead of a blank one. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const t = translator.get();
    return (
      <main className={styles['splash']} role="alert">
        <Logo size={56} />
        <h1>{t('app.crashed')}</h1>
        <Button variant="primary" onClick={() => location.reload()}>{t('app.reload')}</Button>
      </main>
    );
  }
}
