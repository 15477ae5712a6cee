import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import { check, samplesOf } from './invariants.ts';
import { Load } from './load.ts';
import { type Kind, kinds, type Operation } from './operation.ts';
import { shareInUse } from './other-work.ts';
import type { Subject } from './subject.ts';
import type { SystemUnderTest } from './system-under-test.ts';
import type { Row } from './table.ts';

const WARM_UP_MS = 500;
const RECOVERY_AT_MOST_MS = 60_000;
const POLL_MS = 20;

/** One fault after the other, over a load, with what was found of its writes. */
export class Trial {
  /** Writes that are not there, over all faults. */
  readonly absent: Operation[] = [];
  readonly halves: string[] = [];
  readonly #system: SystemUnderTest;
  readonly #subject: Subject;
  readonly #counts = new Map<Kind, number>();

  constructor(system: SystemUnderTest, subject: Subject) {
    this.#system = system;
    this.#subject = subject;
  }

  /** @returns the row, and the share of the machine that others used before or after */
  async undergo(fault: Fault): Promise<{ row: Row; otherWork: number }> {
    const samplesBefore = await samplesOf(this.#subject);
    const inUseBefore = await shareInUse();
    const load = new Load(this.#system.url, this.#subject, this.#counts);
    await delay(WARM_UP_MS);
    await fault.strike();
    const overMs = performance.now();
    await recovered(load, overMs);
    await load.stop();
    const endedMs = performance.now();
    const refusalsMs = kinds.map((kind) => (load.firstAfter(kind, overMs) ?? endedMs) - overMs);
    const { lost, doubled, absent, halves } = await check(this.#subject, load.operations, samplesBefore);
    const inUseAfter = await shareInUse();
    this.absent.push(...absent.filter(({ acknowledged }) => !acknowledged));
    this.halves.push(...halves);
    const row = {
      fault: fault.name,
      acknowledged: load.operations.filter(({ acknowledged }) => acknowledged).length,
      lost,
      doubled,
      longest_refusal_s: Math.round(Math.max(...refusalsMs) / 10) / 100,
    };
    return { row, otherWork: Math.max(inUseBefore, inUseAfter) };
  }
}

/** Every kind of write is acknowledged again that was sent after the fault was over. */
async function recovered(load: Load, overMs: number): Promise<void> {
  const untilMs = performance.now() + RECOVERY_AT_MOST_MS;
  while (kinds.some((kind) => load.firstAfter(kind, overMs) === undefined)) {
    if (performance.now() > untilMs) return;
    await delay(POLL_MS);
  }
}
