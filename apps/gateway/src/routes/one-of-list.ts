import { readOrdering } from '@touchline/http';

interface OneListed {
  readonly ordering: readonly string[];
  /** Whether the list is searched. */
  readonly searchable?: boolean;
}

const ordering = (fields: readonly string[]) => ({
  ordering: {
    schema: { type: 'string' },
    description: `Without effect on one resource: ${fields.join(', ')}`,
    read(text: string): { value: readonly string[] } | { problem: string } {
      const read = readOrdering(fields, text);
      return typeof read === 'string' ? { problem: read } : { value: read };
    },
  },
});

const search = {
  search: {
    schema: { type: 'string' },
    description: 'Terms separated by spaces; outside of the search the resource is not found',
    read: (text: string): { value: string } => ({ value: text.replaceAll('\0', ' ') }),
  },
};

/** What operations on one resource take of its list, beside the filters: whoever passes no search is not found. */
export function ofList<const L extends OneListed>({ ordering: fields, searchable }: L) {
  const taken = { ...ordering(fields), ...(searchable ? search : {}) };
  return taken as ReturnType<typeof ordering> & (L extends { searchable: true } ? typeof search : object);
}
