import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SmallDisk } from './small-disk.ts';
import type { SystemUnderTest } from './system-under-test.ts';

/** Something that goes wrong; resolves when it is over, as far as that lies with whoever did it. */
export interface Fault {
  readonly name: string;
  strike(): Promise<void>;
}

const STOPPED_S = 30;
const FULL_MS = 8000;
const RANDOM_KILLS = 12;
const IN_TURN_MS = 1000;
const HOUR_MS = 3_600_000;
const services = ['identity', 'permission', 'activity', 'telemetry', 'computation', 'webhooks'];
const processes = ['gateway', ...services, 'engines'];

export class Faults {
  readonly #system: SystemUnderTest;

  constructor(system: SystemUnderTest) {
    this.#system = system;
  }

  /** Each process killed, some together, all, one stopped: what takes little time. */
  get quick(): readonly Fault[] {
    return [
      this.#kill('gateway'),
      this.#killInTurn(services),
      this.#kill('engines'),
      this.#killAll,
      this.#stopFor(2, 'activity'),
    ];
  }

  /** @param seed of what is done at random */
  full(seed: number, clock: string, disk: SmallDisk | undefined): readonly Fault[] {
    return [
      ...processes.map((name) => this.#kill(name)),
      this.#kill('activity', 'telemetry', 'gateway'),
      this.#kill('engines', 'identity', 'computation'),
      this.#killAtRandom(seed),
      this.#killAll,
      ...processes.map((name) => this.#stopFor(STOPPED_S, name)),
      this.#setClock(clock, 'an hour ahead', HOUR_MS),
      this.#setClock(clock, 'an hour back', 0),
      ...(disk ? [this.#fill(disk)] : []),
    ];
  }

  #kill(...names: string[]): Fault {
    return {
      name: `kill -9 ${names.join(' + ')}`,
      strike: () => Promise.resolve(this.#system.signal(names, 'SIGKILL')),
    };
  }

  /** One after the other, whether those before are back or not. */
  #killInTurn(names: readonly string[]): Fault {
    return {
      name: `kill -9 ${names.join(', ')}`,
      strike: async () => {
        for (const name of names) {
          this.#system.signal([name], 'SIGKILL');
          await delay(IN_TURN_MS);
        }
      },
    };
  }

  #killAtRandom(seed: number): Fault {
    return {
      name: `kill -9 at random, ${RANDOM_KILLS} times (seed ${seed})`,
      strike: async () => {
        const random = randomNumbers(seed);
        for (let i = 0; i < RANDOM_KILLS; i += 1) {
          const count = 1 + Math.floor(random() * 3);
          const names = Array.from(
            { length: count },
            () => processes[Math.floor(random() * processes.length)]!,
          );
          this.#system.signal([...new Set(names)], 'SIGKILL');
          await delay(300 + random() * 1200);
        }
      },
    };
  }

  get #killAll(): Fault {
    return {
      name: 'kill -9 all, the supervisor, too',
      strike: async () => {
        await this.#system.killAll();
        await this.#system.start();
      },
    };
  }

  #stopFor(seconds: number, name: string): Fault {
    return {
      name: `SIGSTOP ${name} for ${seconds} s`,
      strike: async () => {
        this.#system.signal([name], 'SIGSTOP');
        try {
          await delay(seconds * 1000);
        } finally {
          this.#system.signal([name], 'SIGCONT');
        }
      },
    };
  }

  #setClock(file: string, what: string, shiftMs: number): Fault {
    return {
      name: `clock ${what}`,
      async strike() {
        writeFileSync(file, String(shiftMs));
        await delay(1000);
      },
    };
  }

  #fill(disk: SmallDisk): Fault {
    return {
      name: 'full disk',
      async strike() {
        disk.fill();
        try {
          await delay(FULL_MS);
        } finally {
          disk.free();
        }
      },
    };
  }
}

/** Numbers from 0 to 1, the same for the same seed (Park and Miller, 1988). */
function randomNumbers(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
