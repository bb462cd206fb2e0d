const apple = /mac|iphone|ipad/i.test(navigator.userAgent);

export const modifierName = apple ? '⌘' : 'Ctrl';

/** Ctrl, or ⌘ on Apple's machines. */
export const hasModifier = (event: { ctrlKey: boolean; metaKey: boolean }): boolean => (apple ? event.metaKey : event.ctrlKey);
