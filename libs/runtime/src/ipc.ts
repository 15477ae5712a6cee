/** What a child tells its supervisor. */
export type ToSupervisor =
  | { type: 'ready'; port?: number }
  /** Its last words: it exits after them. */
  | { type: 'failed'; message: string };

/** What the supervisor tells a child. A child exits when the channel closes. */
export interface ToChild {
  type: 'drain';
  /** How long it may take; then it exits with what is left undone. */
  graceMs: number;
}

export function isToSupervisor(message: unknown): message is ToSupervisor {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  if (message.type === 'ready') return true;
  return message.type === 'failed' && 'message' in message && typeof message.message === 'string';
}

export function isToChild(message: unknown): message is ToChild {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'drain' &&
    'graceMs' in message &&
    typeof message.graceMs === 'number'
  );
}

/** Whether a supervisor started this process. */
export function isSupervised(): boolean {
  return process.send !== undefined && process.connected;
}

/** Resolves when the message is on its way, also when there is nobody to tell. */
export function tellSupervisor(message: ToSupervisor): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });
}
