// Before the first paint, so that nothing flashes in the other theme: the page's own code comes later.
try {
  const theme = localStorage.getItem('akkachat.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name=color-scheme]').content = theme;
  }
} catch {
  // Without a storage the page follows the system.
}
