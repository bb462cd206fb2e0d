import { useEffect, useRef, useState, type RefObject } from 'react';

export const carriesFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true;

/** Files dropped on the element; true while some are held over it. With null, it takes none. */
export function useFileDrop(target: RefObject<HTMLElement | null>, onFiles: ((files: readonly File[]) => void) | null): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });

  useEffect(() => {
    const element = target.current;
    if (!element) return;
    const hold = (event: DragEvent) => {
      if (!latest.current || !event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    // Also where it is left for nowhere: should that be wrong, the next dragover says so within a moment.
    const leave = ({ relatedTarget }: DragEvent) => {
      if (!(relatedTarget instanceof Node) || !element.contains(relatedTarget)) end();
    };
    const drop = (event: DragEvent) => {
      if (!latest.current || !carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      end();
      latest.current(filesOf(event.dataTransfer));
    };
    const end = () => setOver(false);
    element.addEventListener('dragenter', hold);
    element.addEventListener('dragleave', leave);
    element.addEventListener('dragover', hold);
    element.addEventListener('drop', drop);
    addEventListener('dragend', end);
    addEventListener('drop', end);
    return () => {
      element.removeEventListener('dragenter', hold);
      element.removeEventListener('dragleave', leave);
      element.removeEventListener('dragover', hold);
      element.removeEventListener('drop', drop);
      removeEventListener('dragend', end);
      removeEventListener('drop', end);
    };
  }, [target]);

  return over;
}

/** Without folders, which look like files and cannot be read. */
export function filesOf(data: DataTransfer | null): readonly File[] {
  if (!data) return [];
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  if (items.length === 0) return [...data.files];
  return items.flatMap((item) => {
    const file = item.webkitGetAsEntry()?.isDirectory === true ? null : item.getAsFile();
    return file ? [file] : [];
  });
}

/** What is pasted as files. Cells of a spreadsheet come as text and as a picture of it: they are text. */
export function pastedFiles(data: DataTransfer): readonly File[] {
  const isText = data.types.includes('text/plain') && data.types.includes('text/html');
  return isText ? [] : [...data.files];
}
