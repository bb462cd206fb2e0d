import { useCallback } from 'react';
import { errorCode } from '@/lib/api/http';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { showToast } from '@/lib/toasts';

/** Says why a room is not as the user wants it. */
export function usePreferencesFailed(): (error: unknown) => void {
  const t = useT();
  return useCallback((error: unknown) => {
    showToast({ key: 'preferences', title: t('rooms.preferences.failed', { reason: translateError(t, errorCode(error)) }), tone: 'error' });
  }, [t]);
}
