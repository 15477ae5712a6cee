import { activityLane, type Delivery } from './delivery.ts';

/** Deliveries to be made one after another; only the first few are in memory. */
export interface Lane {
  readonly name: string;
  readonly webhook: number;
  head: Delivery;
  /** What follows the head, in order. */
  readonly next: Delivery[];
  /** How many more are in the store behind these. */
  behind: number;
  timer: NodeJS.Timeout | undefined;
  /** The head's request is under way. */
  sending: boolean;
  /** New with each time that the head is handed to its receiver: only the last may start. */
  ticket: number;
  /** The head was cancelled while it was under way: it is not repeated. */
  abandoned: boolean;
  /** It was taken out: what is under way ends, and nothing follows. */
  dropped: boolean;
}

/** Of a lane, in memory. */
export const MAX_NEXT = 16;

/** The lanes in which something is pending, by name and by webhook. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #byWebhook = new Map<number, Set<Lane>>();

  get(name: string): Lane | undefined {
    return this.#lanes.get(name);
  }

  get size(): number {
    return this.#lanes.size;
  }

  all(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** Puts a delivery behind the others of its lane; returns the lane when it is the first. */
  add(delivery: Delivery): Lane | undefined {
    const there = this.#lanes.get(delivery.lane);
    if (there) {
      if (there.head._id === delivery._id) return undefined;
      if (there.behind === 0 && there.next.length < MAX_NEXT) there.next.push(delivery);
      else there.behind += 1;
      return undefined;
    }
    const { lane: name, webhook } = delivery;
    const lane: Lane = {
      name,
      webhook,
      head: delivery,
      next: [],
      behind: 0,
      timer: undefined,
      sending: false,
      ticket: 0,
      abandoned: false,
      dropped: false,
    };
    this.#lanes.set(name, lane);
    const lanes = this.#byWebhook.get(webhook);
    if (lanes) lanes.add(lane);
    else this.#byWebhook.set(webhook, new Set([lane]));
    return lane;
  }

  remove(lane: Lane): void {
    clearTimeout(lane.timer);
    lane.dropped = true;
    if (this.#lanes.get(lane.name) === lane) this.#lanes.delete(lane.name);
    const lanes = this.#byWebhook.get(lane.webhook);
    lanes?.delete(lane);
    if (lanes?.size === 0) this.#byWebhook.delete(lane.webhook);
  }

  ofWebhook(webhook: number): readonly Lane[] {
    return [...(this.#byWebhook.get(webhook) ?? [])];
  }

  /** The last call about an activity waits for all that came before it. */
  mayGo({ head, webhook }: Lane): boolean {
    if (head.event !== 'activity-deleted' || head.byHand) return true;
    for (const other of this.#byWebhook.get(webhook) ?? []) {
      if (!other.head.byHand && other.head.seq < head.seq) return false;
    }
    return true;
  }

  /** The lane of the activity that a delivery is about. */
  ofActivity({ webhook, activity }: Delivery): Lane | undefined {
    return this.#lanes.get(activityLane(webhook, activity));
  }
}
