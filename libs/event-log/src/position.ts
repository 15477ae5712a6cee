import type { Position } from './event.ts';

const WIDTH = 16;

/** 16 hexadecimal digits of the commit position, `/`, 16 of the prepare position: text order is log order. */
export function formatPosition(position: { commit: bigint; prepare: bigint }): Position {
  const commit = position.commit.toString(16).padStart(WIDTH, '0');
  if (position.commit === position.prepare) return `${commit}/${commit}`;
  return `${commit}/${position.prepare.toString(16).padStart(WIDTH, '0')}`;
}

/** @throws RangeError when the text was not made by `formatPosition` */
export function parsePosition(position: Position): { commit: bigint; prepare: bigint } {
  const match = /^([0-9a-f]{16})\/([0-9a-f]{16})$/.exec(position);
  if (!match) throw new RangeError(`not a log position: ${JSON.stringify(position)}`);
  return { commit: BigInt(`0x${match[1]}`), prepare: BigInt(`0x${match[2]}`) };
}
