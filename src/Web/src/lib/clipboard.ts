import type { Translator } from './i18n/i18n';
import { showToast } from './toasts';

/** Copies, and says so, or that it could not be done. */
export async function copyText(t: Translator, text: string, done = t('message.copied')): Promise<boolean> {
  const copied = await write(text);
  showToast(copied ? { key: 'copied', title: done, tone: 'info' } : { key: 'copied', title: t('message.notCopied'), tone: 'error' });
  return copied;
}

/** A page that came over plain HTTP has no `navigator.clipboard`, but may still answer the browser's own event. */
async function write(text: string): Promise<boolean> {
  if (isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      console.warn('akkachat: the clipboard was refused', error);
    }
  }
  let given = false;
  const give = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData('text/plain', text);
    given = true;
  };
  addEventListener('copy', give, true);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else copies on such a page
  const copied = document.execCommand('copy');
  removeEventListener('copy', give, true);
  return copied && given;
}
