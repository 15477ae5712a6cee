/**
 * The first SIGTERM, SIGINT or SIGHUP; later ones are harmless. The closing channel of a parent that made one counts,
 * so that a command ends with the test that started it.
 */
export function endRequested(): { ending: Promise<void>; isEnding(): boolean } {
  let requested = false;
  const ending = new Promise<void>((resolve) => {
    const request = () => {
      requested = true;
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, request);
    if (process.connected) process.once('disconnect', request);
  });
  return { ending, isEnding: () => requested };
}
