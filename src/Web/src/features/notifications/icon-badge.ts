const sizePx = 64;
let shown = 0;

/** Draws the number of unread messages over the page's icon, and over that of the installed application. */
export async function badgeIcon(count: number): Promise<void> {
  shown = count;
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!link) return;
  const plain = (link.dataset['plain'] ??= link.href);
  if ('setAppBadge' in navigator) void (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
  link.href = count === 0 ? plain : ((await draw(plain, count)) ?? plain);
  if (shown !== count) await badgeIcon(shown); // changed while it was drawn
}

async function draw(plain: string, count: number): Promise<string | null> {
  const canvas = Object.assign(document.createElement('canvas'), { width: sizePx, height: sizePx });
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  const icon = Object.assign(new Image(sizePx, sizePx), { src: plain });
  try {
    await icon.decode();
  } catch {
    return null;
  }
  pen.drawImage(icon, 0, 0, sizePx, sizePx);
  pen.fillStyle = '#d92d20';
  pen.beginPath();
  pen.arc(44, 44, 20, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#ffffff';
  pen.font = `bold ${count > 9 ? 22 : 28}px sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(count > 99 ? '99+' : String(count), 44, 46, 36);
  return canvas.toDataURL();
}
