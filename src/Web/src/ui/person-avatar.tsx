import { useEffect } from 'react';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { Avatar } from './avatar';

interface PersonAvatarProps {
  id: string;
  name: string;
  size?: 20 | 28 | 36 | 40 | 96;
  online?: boolean | null;
}

/** Somebody with their picture, as it is now and not as it was when they said something. */
export function PersonAvatar({ id, ...rest }: PersonAvatarProps) {
  const { people } = useChat().client;
  const picture = useStore(people.avatars, (all) => all.get(id));
  useEffect(() => people.want(id), [people, id]);
  return <Avatar id={id} picture={picture} {...rest} />;
}
