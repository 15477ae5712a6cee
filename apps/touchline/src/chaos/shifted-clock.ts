// Preloaded into each process and thread of a system under test: shifts the wall clock by as many milliseconds as the
// file of CHAOS_CLOCK says. Timers and `performance.now()` do not follow, as they do not when a real clock is set.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const file = process.env['CHAOS_CLOCK'] ?? '';
let shiftMs = 0;
const read = () => {
  try {
    shiftMs = Number(readFileSync(file, 'utf8'));
  } catch {
    // It is being written: what was read before counts.
  }
};
read();
setInterval(read, 100).unref();

const now = (): number => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});
