import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/app';
import { ErrorBoundary } from '@/app/error-boundary';
import { startLocale } from '@/lib/i18n/i18n';
import { Session } from '@/lib/session/session';
import { applyTheme } from '@/lib/theme';
import '@/app/tokens.css';
import '@/app/base.css';

applyTheme();

const session = new Session();
void session.start();
await startLocale();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <App session={session} />
      </ErrorBoundary>
    </StrictMode>,
  );
}
