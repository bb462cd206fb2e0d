import type { RoomEntry } from '@/lib/chat/room-entry';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { Avatar } from '@/ui/avatar';
import { Dialog, DialogBody } from '@/ui/dialog';
import { PictureField } from '@/ui/picture-field';

export function RoomPictureDialog({ room, onClose }: { room: RoomEntry; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  return (
    <Dialog title={t('picture.title', { room: room.name })} onClose={onClose} testId="picture-dialog">
      <DialogBody>
        <PictureField
          current={room.picture}
          shape="square"
          hint={t('picture.hint.room')}
          shown={<Avatar id={room.id} name={room.name} picture={room.picture} square size={96} />}
          onChange={(file, onProgress, signal) => client.changeRoomPicture(room.id, file, onProgress, signal)}
        />
      </DialogBody>
    </Dialog>
  );
}
