import { useSyncExternalStore } from 'react';
import { translator, type Translator } from './i18n';

export const useT = (): Translator => useSyncExternalStore(translator.subscribe, translator.get);
