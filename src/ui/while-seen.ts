/** Does it every so often, and when the page is seen again, but not while nobody sees it. @returns what ends that */
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
