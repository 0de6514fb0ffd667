// Runs before the first paint, so that a chosen theme never flashes. It stands in a file of its own because the
// content security policy allows no inline scripts. The choice itself is made in src/preferences.ts.
try {
  const theme = localStorage.getItem('consentry.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; then the system's theme it is.
}
