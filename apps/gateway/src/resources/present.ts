/** `{ [name]: value }`, or nothing when there is none: messages tell absent fields from empty ones. */
export function present<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]?: V });
}
