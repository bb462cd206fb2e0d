import { AdminPage } from '@/features/admin/admin-page';
import { ToastHost } from '@/features/notifications/toast-host';
import type { AdminPage as Page } from '@/lib/route';

export function Admin({ page }: { page: Page }) {
  return (
    <>
      <AdminPage page={page} />
      <ToastHost floating />
    </>
  );
}
