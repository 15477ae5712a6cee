export { startWebhooksService, type WebhooksServiceOptions } from './service.ts';
