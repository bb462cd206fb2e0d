import { use, type ReactNode } from 'react';
import { showProfile } from '@/lib/overlays';
import { route } from '@/lib/route';
import { ChatContext } from '@/lib/session/session-context';
import type { ChatClient } from '@/lib/chat/chat-client';
import { useStoreByFrame } from '@/lib/use-store';
import { AudienceContext } from './mention-audience';
import { RowTab } from './row-tab';
import styles from './message-text.module.css';

/** A mention: where the name is somebody's who is known here, it opens their profile. */
export function Mention({ username, children }: { username: string; children?: ReactNode }) {
  const chat = use(ChatContext);
  const audience = use(AudienceContext);
  if (audience !== null && spellings(username.toLowerCase()).some((name) => name === audience || (audience === 'room' && name === 'here'))) {
    return <span className={styles['mention']} data-testid="mention-all">{children}</span>;
  }
  return chat ? <Known client={chat.client} username={username}>{children}</Known> : <span>{children}</span>;
}

function Known({ client, username, children }: { client: ChatClient; username: string; children?: ReactNode }) {
  const id = useStoreByFrame(client.users, (users) => {
    const names = spellings(username.toLowerCase());
    for (const user of users.values()) if (names.includes(user.username.toLowerCase())) return user.id;
    return undefined;
  });
  const tab = use(RowTab);
  if (id === undefined) return <span>{children}</span>;
  return (
    <button
      type="button"
      tabIndex={tab}
      className={styles['mention']}
      data-testid="mention"
      data-user-id={id}
      onClick={() => {
        const at = route.get();
        showProfile(id, at.view === 'room' ? at.room : null);
      }}
    >
      {children}
    </button>
  );
}

/** Dots and hyphens at the end may belong to the sentence. */
function spellings(name: string): string[] {
  const all = [name];
  for (let shorter = name; /[.-]$/.test(shorter);) all.push((shorter = shorter.slice(0, -1)));
  return all;
}
