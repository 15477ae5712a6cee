/** Version of the definitions that the documents follow; shown as `extensions.quality.algorithm`. */
export const ALGORITHM_VERSION = 1;
