/** A point that the folded metrics can go back to. */
export interface Checkpoint {
  /** Everything before this has been folded. */
  readonly foldedToMs: number;
  /** A new sample before this would change what has been folded. */
  readonly finalBeforeMs: number;
  /** Different samples kept before `finalBeforeMs`: when there are more, one of them is new. */
  readonly keptFinal: number;
  readonly mark: Float64Array;
}

/** How much older than the next but one a checkpoint may be before the one between them has to stay. */
const AGE_RATIO = 4;

/**
 * Checkpoints, dense near the newest and ever sparser towards the first, which always stays: going back by some time
 * costs at most a few times as much, and their number grows with the logarithm of the recording.
 */
export class Checkpoints {
  readonly list: Checkpoint[];

  constructor(first: Checkpoint) {
    this.list = [first];
  }

  push(checkpoint: Checkpoint): void {
    const { list } = this;
    list.push(checkpoint);
    const age = (i: number): number => checkpoint.foldedToMs - list[i]!.foldedToMs;
    for (let i = list.length - 3; i > 0; i--) {
      if (age(i - 1) <= AGE_RATIO * age(i + 1)) list.splice(i, 1);
    }
  }

  /** Forgets every checkpoint that a sample at `timeMs` would change and gives the newest that is left. */
  goBackBefore(timeMs: number): Checkpoint {
    while (this.list.length > 1 && this.list.at(-1)!.finalBeforeMs > timeMs) this.list.pop();
    return this.list.at(-1)!;
  }

  get heldBytes(): number {
    return this.list.reduce((sum, { mark }) => sum + mark.byteLength, 0);
  }
}
