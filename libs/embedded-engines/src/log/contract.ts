import { appendingContract } from './contract/appending.ts';
import { deletingContract } from './contract/deleting.ts';
import { readingContract } from './contract/reading.ts';
import { retryingContract } from './contract/retrying.ts';
import { subscribingContract } from './contract/subscribing.ts';

/**
 * What every EventStoreDB must do for Touchline, through the unmodified client. Declares tests; `connect` gives the
 * connection string of a server that may be shared, without authentication or with admin/changeit.
 */
export function eventStoreContract(connect: () => Promise<string>): void {
  appendingContract(connect);
  retryingContract(connect);
  readingContract(connect);
  deletingContract(connect);
  subscribingContract(connect);
}
