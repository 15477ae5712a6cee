import { type MetricsDocument } from '@touchline/metrics';
import { type ReadModel } from '@touchline/read-models';

/** The computed document of a time frame, unrounded. Written by the computer, not by the projections. */
export interface ComputedDocument {
  _id: number;
  algorithm: number;
  document: MetricsDocument;
}

/** In the set of the projections, so that it is rebuilt and switched with them. */
export const computedModel: ReadModel<ComputedDocument> = {
  name: 'computed',
  consumes: [],
  indexes: [],
  documentIds: () => [],
  project: () => undefined,
};
