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
// No top-level await: what is loaded later imports from this file's chunk, and would wait for it.
void startLocale().then(show);

function show() {
  const root = document.getElementById('root');
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <App session={session} />
      </ErrorBoundary>
    </StrictMode>,
  );
}
