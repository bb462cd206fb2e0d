import { createContext } from 'react';

/** The `tabIndex` of what can be pressed in a message: only that which has the focus of the list is in the order of Tab. */
export const RowTab = createContext(0);
