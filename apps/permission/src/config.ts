import { serviceSettings } from '@touchline/runtime';

export const config = serviceSettings;
