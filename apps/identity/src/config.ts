import {
  firstStartSettings,
  mailSettings,
  masterKeySetting,
  nameSecretSetting,
  serviceSettings,
  tokenKeySetting,
} from '@touchline/runtime';

export const config = {
  ...serviceSettings,
  tokenKey: tokenKeySetting,
  masterKey: masterKeySetting,
  nameSecret: nameSecretSetting,
  ...firstStartSettings,
  ...mailSettings,
};
