import { createContext } from 'react';
import type { Audience } from '@/lib/chat/audience';

/** Whom the message around a text mentions besides those whom it names. */
export const AudienceContext = createContext<Audience | null>(null);
