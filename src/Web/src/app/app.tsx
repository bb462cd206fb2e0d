import { lazy, Suspense, useEffect, useMemo } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { navigate, route as routeStore } from '@/lib/route';
import type { Session } from '@/lib/session/session';
import { ChatContext, type Chat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { Button } from '@/ui/button';
import { Logo } from '@/ui/logo';
import { useDropGuard } from './use-drop-guard';
import styles from './app.module.css';

// Signing in does not wait for the code of the chat, which is loaded at the same time.
const loadShell = () => import('./shell');
const Shell = lazy(() => loadShell().then((module) => ({ default: module.Shell })));

// What is shown first is on its way before the language is there and the server has answered.
const loadAuth = () => import('@/features/auth/auth-screen');
const AuthScreen = lazy(() => loadAuth().then((module) => ({ default: module.AuthScreen })));
void (localStorage.getItem('akkachat.session') === null ? loadAuth() : loadShell());

const Admin = lazy(() => import('./admin').then((module) => ({ default: module.Admin })));

export function App({ session }: { session: Session }) {
  const t = useT();
  const state = useStore(session.state, (value) => value);
  const route = useStore(routeStore, (value) => value);
  const signedIn = state.status === 'signed-in';
  const admin = route.view === 'admin' ? route.page : null;
  const isOwner = state.status === 'signed-in' && state.me.owner;
  const chat = useMemo<Chat | null>(() => (state.status === 'signed-in' ? { session, client: state.client, me: state.me } : null), [session, state]);

  useEffect(() => {
    if (signedIn && (route.view === 'login' || route.view === 'register')) navigate({ view: 'rooms' }, true);
    if (signedIn && !isOwner && route.view === 'admin') navigate({ view: 'rooms' }, true);
  }, [signedIn, isOwner, route]);

  // After sleep, a change of network or time in the background, check the connection at once.
  useEffect(() => {
    if (!chat) return;
    const probe = () => {
      if (document.visibilityState === 'visible') chat.client.socket.probe();
    };
    const lost = () => chat.client.socket.lost();
    addEventListener('online', probe);
    addEventListener('offline', lost);
    document.addEventListener('visibilitychange', probe);
    return () => {
      removeEventListener('online', probe);
      removeEventListener('offline', lost);
      document.removeEventListener('visibilitychange', probe);
    };
  }, [chat]);

  useEffect(() => void loadShell(), []);
  useDropGuard();

  if (chat) {
    return (
      <ChatContext value={chat}>
        <Suspense fallback={<main className={styles['splash']}><Logo size={56} /></main>}>
          {admin !== null && isOwner ? <Admin page={admin} /> : <Shell />}
        </Suspense>
      </ChatContext>
    );
  }
  if (state.status === 'signed-out') {
    return (
      <Suspense fallback={null}>
        <AuthScreen
          key={route.view === 'register' ? 'register' : 'login'}
          mode={route.view === 'register' ? 'register' : 'login'}
          ended={state.ended}
          onLogin={(login, password) => session.login(login, password)}
          onRegister={(body) => session.register(body)}
        />
      </Suspense>
    );
  }
  return (
    <main className={styles['splash']} data-testid="splash">
      <Logo size={56} />
      {state.status === 'unreachable' ? (
        <div role="alert">
          <h1>{t('app.unreachable')}</h1>
          <p>{t('app.unreachable.hint')}</p>
          <Button variant="primary" onClick={() => void session.start()}>{t('common.retry')}</Button>
        </div>
      ) : (
        <p role="status" className="visually-hidden">{t('app.loading')}</p>
      )}
    </main>
  );
}
