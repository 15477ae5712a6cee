/** One second of a simulated player, in the shape of the API's frames: 10 positions with Doppler speed, one heart rate. */
export interface SimulatedFrame {
  readonly gnss: {
    readonly timestamp: number[];
    readonly latitude: number[];
    readonly longitude: number[];
    readonly speed: number[];
    readonly altitude: number[];
  };
  readonly ecg: { readonly timestamp: number; readonly hr: number };
  readonly device: { readonly timestamp: number; readonly standstill: 0 | 1; readonly Bat_lvl: number };
}

export interface MatchOptions {
  /** The same seed gives the same match. */
  readonly seed: number;
  /** Kick-off, milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly players: number;
}

const TICKS_PER_SECOND = 10;
const METRES_PER_DEGREE = 111_195;
const PITCH = { latitude: 46.5285, longitude: 6.6205, lengthM: 105, widthM: 68, altitudeM: 495 };

/** What a player is about, with its target speed, usual length and how often it is chosen next (shares of a match). */
const INTENTS = [
  { speedMps: 0, meanS: 5, weight: 10 },
  { speedMps: 1.3, meanS: 10, weight: 38 },
  { speedMps: 2.8, meanS: 7, weight: 32 },
  { speedMps: 4.6, meanS: 4, weight: 15 },
  { speedMps: 6.3, meanS: 3, weight: 5 },
  { speedMps: 8.1, meanS: 2.5, weight: 1.6 },
] as const;

/** A small generator of uniform numbers in [0, 1) (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** One player: runs towards points around his place in the formation, with limits on speed, acceleration and turning. */
class Player {
  readonly #random: () => number;
  readonly #home: { x: number; y: number };
  readonly #topSpeedMps: number;
  readonly #restingHr: number;
  readonly #maxHr: number;
  #x: number;
  #y: number;
  #heading: number;
  #speedMps = 0;
  #targetMps = 0;
  #ticksLeft = 0;
  #target = { x: 0, y: 0 };
  #hr: number;

  constructor(seed: number, home: { x: number; y: number }) {
    this.#random = uniform(seed);
    this.#home = home;
    this.#x = home.x;
    this.#y = home.y;
    this.#heading = this.#random() * 2 * Math.PI;
    this.#topSpeedMps = 7.6 + 1.2 * this.#random();
    this.#restingHr = 62 + 18 * this.#random();
    this.#maxHr = 182 + 16 * this.#random();
    this.#hr = this.#restingHr + 25;
  }

  #choose(): void {
    const total = INTENTS.reduce((sum, { weight }) => sum + weight, 0);
    let pick = this.#random() * total;
    const intent = INTENTS.find(({ weight }) => (pick -= weight) < 0) ?? INTENTS[0];
    this.#targetMps = Math.min(this.#topSpeedMps, intent.speedMps * (0.85 + 0.3 * this.#random()));
    this.#ticksLeft = Math.ceil(TICKS_PER_SECOND * intent.meanS * (0.5 + this.#random()));
    const reach = 12 + 3 * this.#targetMps;
    this.#target = {
      x: Math.max(0, Math.min(PITCH.lengthM, this.#home.x + (2 * this.#random() - 1) * reach)),
      y: Math.max(0, Math.min(PITCH.widthM, this.#home.y + (2 * this.#random() - 1) * reach)),
    };
  }

  tick(): { x: number; y: number; speedMps: number } {
    if (this.#ticksLeft-- <= 0) this.#choose();
    const dt = 1 / TICKS_PER_SECOND;
    const wanted = Math.atan2(this.#target.y - this.#y, this.#target.x - this.#x);
    const turn = Math.atan2(Math.sin(wanted - this.#heading), Math.cos(wanted - this.#heading));
    const maxTurn = (4 / (1 + this.#speedMps)) * dt * Math.PI;
    this.#heading += Math.max(-maxTurn, Math.min(maxTurn, turn));
    const arriving = Math.hypot(this.#target.x - this.#x, this.#target.y - this.#y) < this.#speedMps;
    const target = arriving ? Math.min(this.#targetMps, 1) : this.#targetMps;
    // What the legs can add shrinks as the speed nears its top; braking is stronger than starting.
    const strongest = 4.2 * (1 - this.#speedMps / (this.#topSpeedMps + 0.8));
    const change = Math.max(-4.5 * dt, Math.min(strongest * dt, (target - this.#speedMps) * 0.25));
    this.#speedMps = Math.max(0, this.#speedMps + change);
    this.#x += Math.cos(this.#heading) * this.#speedMps * dt;
    this.#y += Math.sin(this.#heading) * this.#speedMps * dt;
    return { x: this.#x, y: this.#y, speedMps: this.#speedMps };
  }

  /** Heart rate after another second: it follows the effort with a delay, faster up than down. */
  heartRate(): number {
    const effort = Math.min(1, 0.25 + this.#speedMps / 7);
    const wanted = this.#restingHr + (this.#maxHr - this.#restingHr) * effort;
    this.#hr += (wanted - this.#hr) * (wanted > this.#hr ? 0.035 : 0.015);
    return Math.round(this.#hr);
  }

  noise(size: number): number {
    return (this.#random() + this.#random() - 1) * size;
  }
}

/** Eleven places of a 4-4-2 on one half, mirrored for the other team. */
function home(index: number): { x: number; y: number } {
  const place = index % 11;
  const line =
    place === 0
      ? [6, 34]
      : place < 5
        ? [22, 10 + (place - 1) * 16]
        : place < 9
          ? [42, 10 + (place - 5) * 16]
          : [60, 24 + (place - 9) * 20];
  const [x = 0, y = 0] = line;
  return index % 22 < 11 ? { x, y } : { x: PITCH.lengthM - x, y: PITCH.widthM - y };
}

/**
 * A seeded, physically plausible match: for each second of play, one frame a player. Speeds stay under 9 m/s, changes of
 * speed within -4.5 and 4.2 m/s², positions near the pitch.
 */
export function* simulateMatch({ seed, startMs, players }: MatchOptions): Generator<SimulatedFrame[], never> {
  const squad = Array.from({ length: players }, (_, i) => new Player(seed * 1009 + i * 7919, home(i)));
  const metresPerDegreeEast = METRES_PER_DEGREE * Math.cos((PITCH.latitude * Math.PI) / 180);
  for (let second = 0; ; second += 1) {
    const from = startMs + second * 1000;
    yield squad.map((player) => {
      const gnss: SimulatedFrame['gnss'] = {
        timestamp: [],
        latitude: [],
        longitude: [],
        speed: [],
        altitude: [],
      };
      let moving = 0;
      for (let tick = 0; tick < TICKS_PER_SECOND; tick += 1) {
        const { x, y, speedMps } = player.tick();
        moving = Math.max(moving, speedMps);
        gnss.timestamp.push(from + tick * (1000 / TICKS_PER_SECOND));
        gnss.latitude.push(round(PITCH.latitude + (y + player.noise(0.05)) / METRES_PER_DEGREE, 9));
        gnss.longitude.push(round(PITCH.longitude + (x + player.noise(0.05)) / metresPerDegreeEast, 9));
        gnss.speed.push(round(Math.max(0, speedMps + player.noise(0.03)), 3));
        gnss.altitude.push(round(PITCH.altitudeM + player.noise(0.4), 1));
      }
      return {
        gnss,
        ecg: { timestamp: from, hr: player.heartRate() },
        device: {
          timestamp: from,
          standstill: moving < 0.1 ? 1 : 0,
          Bat_lvl: Math.max(5, 100 - Math.floor(second / 180)),
        },
      };
    });
  }
}
