import { peerSetting, serviceSettings } from '@touchline/runtime';

export const config = {
  ...serviceSettings,
  identity: peerSetting('identity'),
  permission: peerSetting('permission'),
  activity: peerSetting('activity'),
  telemetry: peerSetting('telemetry'),
};
