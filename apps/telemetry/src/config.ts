import { masterKeySetting, nameSecretSetting, peerSetting, serviceSettings } from '@touchline/runtime';

export const config = {
  ...serviceSettings,
  masterKey: masterKeySetting,
  nameSecret: nameSecretSetting,
  permission: peerSetting('permission'),
};
