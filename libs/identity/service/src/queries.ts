import type { Filter } from 'mongodb';
import type { ListOptions } from '@touchline/contracts/common/v1/common';
import type { AthleteFilter } from '@touchline/contracts/identity/v1/service';
import { fold } from '@touchline/event-log';
import {
  findLive,
  foldedContains,
  foldedSearch,
  listStored,
  live,
  type ProjectionRunner,
  type QueryFilter,
  type ReadModel,
  type ReadModelCollection,
  type Stored,
  type StoredRows,
} from '@touchline/read-models';
import type { FieldErrors } from '@touchline/rpc';
import type { AccountDocument } from './projections/accounts.ts';
import type { AthleteDocument } from './projections/athletes.ts';

/** Who must have READ, and when. */
export interface ReadAt {
  manager: number;
  atMs: number;
}

const textFields = {
  username: 'folded.username',
  email: 'folded.email',
  external_id: 'folded.externalId',
  first_name: 'folded.firstName',
  last_name: 'folded.lastName',
} as const;

/** All of them, so that an index can be looked through instead of the documents. */
const searchedField = 'searched';
const anybody = { [searchedField]: { $gte: '' } };

const orderings: Readonly<Record<string, string>> = {
  ...textFields,
  gender: 'profile.gender',
  birthdate: 'profile.birthDate',
  managed_by: 'managedBy',
};

/** Reads from the live set of the context's read models. */
export class Queries {
  readonly #runner: Pick<ProjectionRunner, 'collection'>;
  readonly #models: { athletes: ReadModel<AthleteDocument>; accounts: ReadModel<AccountDocument> };

  constructor(
    runner: Pick<ProjectionRunner, 'collection'>,
    models: { athletes: ReadModel<AthleteDocument>; accounts: ReadModel<AccountDocument> },
  ) {
    this.#runner = runner;
    this.#models = models;
  }

  async account(id: number): Promise<AccountDocument | undefined> {
    return findLive(await this.#runner.collection(this.#models.accounts), { _id: id });
  }

  async accountNamed(username: string): Promise<AccountDocument | undefined> {
    const accounts = await this.#runner.collection(this.#models.accounts);
    return findLive(accounts, { 'folded.username': fold(username) });
  }

  async athlete(id: number): Promise<AthleteDocument | undefined> {
    return findLive(await this.#athletes(), { _id: id });
  }

  /** In the order of their ids; the id is folded as unique names are. */
  async athletesWithExternalId(externalId: string): Promise<AthleteDocument[]> {
    const filter = all([{ 'folded.externalId': fold(externalId) }]);
    return (await this.#athletes()).find(filter).sort({ _id: 1 }).toArray();
  }

  /** In the order of their ids. */
  async managersWithExternalId(externalId: string): Promise<AccountDocument[]> {
    const accounts = await this.#runner.collection(this.#models.accounts);
    const filter = live({ 'folded.externalId': fold(externalId), role: 'MANAGER' });
    return accounts
      .find(filter as Filter<Stored<AccountDocument>>)
      .sort({ _id: 1 })
      .toArray();
  }

  /** In the order of their ids. */
  async athletes(ids: readonly number[], readAt: ReadAt | undefined): Promise<AthleteDocument[]> {
    const filter = all([{ _id: { $in: [...ids] } }, readableBy(readAt)]);
    return (await this.#athletes()).find(filter).sort({ _id: 1 }).toArray();
  }

  async managesAthletes(manager: number): Promise<boolean> {
    return (await findLive(await this.#athletes(), { managedBy: manager })) !== undefined;
  }

  /** Whether the athlete is within the list's filter. */
  async matches(id: number, filter: AthleteFilter): Promise<boolean> {
    return (
      (await findLive(await this.#athletes(), { $and: [{ _id: id }, ...filters(filter)] })) !== undefined
    );
  }

  /**
   * A page of the athletes on whom the reader has READ (all without one). The rows come as they are read: a page of
   * pictures is larger than one answer of the database.
   *
   * @throws RpcError `invalid` with `errors` when the ordering, too, names no field of the list
   */
  async *list(query: {
    options: ListOptions | undefined;
    filter: AthleteFilter | undefined;
    reader: ReadAt | undefined;
    errors: FieldErrors;
  }): AsyncGenerator<StoredRows, void, void> {
    const sort = sortOf(query.options?.ordering ?? [], query.errors);
    query.errors.throwIfAny();
    const { page = 1, limit = 0, search = '' } = query.options ?? {};
    const filter = asked([
      readableBy(query.reader),
      ...(query.filter ? filters(query.filter) : []),
      foldedSearch([searchedField], search),
    ]);
    yield* listStored(await this.#athletes(), {
      filter,
      sort,
      page: Math.max(page, 1),
      limit: limit > 0 ? limit : 150,
      // Hundreds of them cost more than the rest of the document, and whoever reads it is told of none.
      without: ['readers'],
    });
  }

  #athletes(): Promise<ReadModelCollection<AthleteDocument>> {
    return this.#runner.collection(this.#models.athletes);
  }
}

function all(parts: readonly QueryFilter[]): Filter<Stored<AthleteDocument>> {
  return live(asked(parts)) as Filter<Stored<AthleteDocument>>;
}

function asked(parts: readonly QueryFilter[]): QueryFilter {
  const some = parts.filter((part) => Object.keys(part).length > 0);
  return some.length === 0 ? anybody : { $and: some };
}

function readableBy(readAt: ReadAt | undefined): QueryFilter {
  if (!readAt) return {};
  const { manager, atMs } = readAt;
  return { readers: { $elemMatch: { manager, startMs: { $lte: atMs }, endMs: { $gt: atMs } } } };
}

function sortOf(ordering: readonly string[], errors: FieldErrors): Record<string, 1 | -1> {
  const sort: Record<string, 1 | -1> = {};
  for (const name of ordering) {
    const field = orderings[name.replace(/^-/, '')];
    if (field === undefined) errors.add('ordering', `"${name.slice(0, 50)}" is not a valid choice.`);
    else sort[field] ??= name.startsWith('-') ? -1 : 1;
  }
  return sort;
}

function filters(filter: AthleteFilter): QueryFilter[] {
  const { email, username, externalId, firstName, lastName, gender, managedBy, isManaged } = filter;
  const { birthdateFrom, birthdateTo, search } = filter;
  const parts: QueryFilter[] = [];
  const contains = (field: string, text: string | undefined) => {
    // What is nowhere in the text that an index holds is not in the field, which only the document tells.
    if (text !== undefined) parts.push(foldedContains(searchedField, text), foldedContains(field, text));
  };
  contains(textFields.email, email);
  contains(textFields.username, username);
  contains(textFields.external_id, externalId);
  contains(textFields.first_name, firstName);
  contains(textFields.last_name, lastName);
  if (gender !== undefined) parts.push({ 'profile.gender': gender });
  if (managedBy !== undefined) parts.push({ managedBy });
  if (isManaged !== undefined) parts.push({ managedBy: isManaged ? { $ne: null } : null });
  // Dates are YYYY-MM-DD: their order as text is their order in time.
  if (birthdateFrom !== undefined) parts.push({ 'profile.birthDate': { $gte: birthdateFrom } });
  if (search !== undefined) parts.push(foldedSearch([searchedField], search));
  if (birthdateTo !== undefined) parts.push({ 'profile.birthDate': { $lte: birthdateTo } });
  return parts;
}
