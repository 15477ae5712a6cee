/** The only scope there is. */
export const onlyScope = 'all';
