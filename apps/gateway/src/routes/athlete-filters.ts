import {
  queryChoice,
  queryDate,
  queryFlag,
  queryId,
  queryText,
  type QueryValues,
  readOrdering,
} from '@touchline/http';
import { present } from '../resources/present.ts';

export const athleteOrderings = [
  'username',
  'email',
  'external_id',
  'first_name',
  'last_name',
  'gender',
  'birthdate',
  'managed_by',
];

/** Of the list. */
export const athleteFilters = {
  email: queryText({ description: 'Filter on email (insensitive contains)' }),
  username: queryText({ description: 'Filter on username (insensitive contains)' }),
  external_id: queryText({ description: 'Filter on external_id (insensitive contains)' }),
  first_name: queryText({ description: 'Filter on first_name (insensitive contains)' }),
  last_name: queryText({ description: 'Filter on last_name (insensitive contains)' }),
  gender: queryChoice(['M', 'F'], { description: 'Filter on gender (M or F)' }),
  managed_by: queryId({ description: 'Filter by managed_by (id of manager)' }),
  is_managed: queryFlag({ description: 'Filter managed or non managed athletes' }),
  birthdate_from: queryDate({
    description: 'Filter on birthdate (greater than or equal)',
    example: '1996-01-01',
  }),
  birthdate_to: queryDate({
    description: 'Filter on birthdate (lesser than or equal)',
    example: '1998-12-31',
  }),
};

/** Of operations on one athlete: outside of them he is not found. The order of one is what it is. */
export const oneAthleteFilters = {
  ...athleteFilters,
  search: queryText({ description: 'Multiple fields text search (case-insensitive partial matches)' }),
  ordering: {
    schema: { type: 'string' },
    description: `Without effect on one athlete: ${athleteOrderings.join(', ')}`,
    read(text: string): { value: readonly string[] } | { problem: string } {
      const fields = readOrdering(athleteOrderings, text);
      return typeof fields === 'string' ? { problem: fields } : { value: fields };
    },
  },
};

/** The message `identity.v1.AthleteFilter`. */
export function athleteFilterMessage(query: QueryValues<typeof oneAthleteFilters>) {
  return {
    ...present('email', query.email),
    ...present('username', query.username),
    ...present('externalId', query.external_id),
    ...present('firstName', query.first_name),
    ...present('lastName', query.last_name),
    ...present('gender', query.gender),
    ...present('managedBy', query.managed_by),
    ...present('isManaged', query.is_managed),
    ...present('birthdateFrom', query.birthdate_from),
    ...present('birthdateTo', query.birthdate_to),
    ...present('search', query.search),
  };
}
