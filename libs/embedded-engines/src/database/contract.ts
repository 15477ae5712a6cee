import { administrationContract } from './contract/administration.ts';
import { cursorContract } from './contract/cursors.ts';
import { indexingContract } from './contract/indexing.ts';
import { orderingContract } from './contract/ordering.ts';
import { queryingContract } from './contract/querying.ts';
import type { Connect } from './contract/session.ts';
import { writingContract } from './contract/writing.ts';

/**
 * What every MongoDB must do for Touchline's read models, through the unmodified driver. Declares tests; `connect`
 * gives the URL of a server, on which each suite makes a database of its own and drops it.
 */
export function mongoDbContract(connect: Connect): void {
  queryingContract(connect);
  orderingContract(connect);
  writingContract(connect);
  indexingContract(connect);
  cursorContract(connect);
  administrationContract(connect);
}
