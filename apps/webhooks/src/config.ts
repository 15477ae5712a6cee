import { allowPrivateSetting, masterKeySetting, peerSetting, serviceSettings } from '@touchline/runtime';

export const config = {
  ...serviceSettings,
  masterKey: masterKeySetting,
  activity: peerSetting('activity'),
  allowPrivate: allowPrivateSetting,
};
