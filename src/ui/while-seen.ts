/** Repeats it while the page is visible, and when it becomes visible again. @returns what ends the repetition */
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
