import { createContext, use } from 'react';
import type { Me } from '@/lib/api/schemas';
import type { ChatClient } from '@/lib/chat/chat-client';
import type { Session } from './session';

export interface Chat {
  readonly session: Session;
  readonly client: ChatClient;
  readonly me: Me;
}

export const ChatContext = createContext<Chat | null>(null);

/** The signed-in user's chat; only below the shell. */
export function useChat(): Chat {
  const chat = use(ChatContext);
  if (!chat) throw new Error('There is no chat here: nobody is signed in.');
  return chat;
}
