import type { ListOptions } from '@touchline/contracts/common/v1/common';
import {
  findLive,
  listPage,
  live,
  type Page,
  type ProjectionRunner,
  type QueryFilter,
  type ReadModel,
  type ReadModelDocument,
  type Stored,
} from '@touchline/read-models';
import { covers, type Interval, type Kind } from '@touchline/permission-domain';
import type { DeletedUser, GrantDocument } from './projections/grants.ts';
import type { UserDocument } from './projections/users.ts';

export interface AskedWindow extends Interval {
  athlete: number;
}

/** Reads from the live set of the context's read models. */
export class Queries {
  readonly #runner: Pick<ProjectionRunner, 'collection'>;
  readonly #models: { grants: ReadModel<GrantDocument | DeletedUser>; users: ReadModel<UserDocument> };

  constructor(
    runner: Pick<ProjectionRunner, 'collection'>,
    models: { grants: ReadModel<GrantDocument | DeletedUser>; users: ReadModel<UserDocument> },
  ) {
    this.#runner = runner;
    this.#models = models;
  }

  /** All grants ever given on the athlete (to the manager), by id. */
  async list(query: {
    athlete: number;
    manager: number | undefined;
    options: ListOptions | undefined;
  }): Promise<Page<GrantDocument>> {
    const { athlete, manager } = query;
    const { page = 1, limit = 0 } = query.options ?? {};
    const { count, rows } = await listPage(await this.#runner.collection(this.#models.grants), {
      filter: manager === undefined ? { athlete } : { athlete, manager },
      page: Math.max(page, 1),
      limit: limit > 0 ? limit : 150,
    });
    return { count, rows: rows.filter(isGrant) };
  }

  /** Whether the grant was given by the athlete to the manager. */
  async has(permissionId: number, athlete: number, manager: number): Promise<boolean> {
    const grants = await this.#runner.collection(this.#models.grants);
    return (await findLive(grants, { _id: permissionId, athlete, manager })) !== undefined;
  }

  /** For each window whether the manager's unrevoked grants of the kind cover it. */
  async covered(manager: number, kind: Kind, windows: readonly AskedWindow[]): Promise<boolean[]> {
    const athletes = [...new Set(windows.map(({ athlete }) => athlete))];
    const grants = await this.#find(this.#models.grants, {
      manager,
      athlete: { $in: athletes },
      kind,
      revoked: false,
    });
    const byAthlete = Map.groupBy(grants.filter(isGrant), ({ athlete }) => athlete);
    return windows.map((window) => covers(byAthlete.get(window.athlete) ?? [], window));
  }

  /** Those that exist, in the order of their ids. */
  users(ids: readonly number[]): Promise<UserDocument[]> {
    return this.#find(this.#models.users, { _id: { $in: [...ids] } });
  }

  async #find<D extends ReadModelDocument>(model: ReadModel<D>, filter: QueryFilter): Promise<Stored<D>[]> {
    const collection = await this.#runner.collection(model);
    const found = await collection
      .find(live(filter) as Parameters<typeof collection.find>[0])
      .sort({ _id: 1 })
      .toArray();
    return found as Stored<D>[];
  }
}

/** Whoever asks for an athlete's grants gets nothing else. */
function isGrant(document: Stored<GrantDocument | DeletedUser>): document is Stored<GrantDocument> {
  return 'athlete' in document;
}
