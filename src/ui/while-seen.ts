/** Repeats a call while the page is visible, and at once when it becomes visible. @returns a function that ends this */
export function whileSeen(ask: () => void, everyMs: number): () => void {
  function askIfSeen(): void {
    if (!document.hidden) ask();
  }
  const timer = setInterval(askIfSeen, everyMs);
  document.addEventListener('visibilitychange', askIfSeen);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', askIfSeen);
  };
}
