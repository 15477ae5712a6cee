/** The only place where this context's stream names are built. */

/** Everything about one webhook. */
export const webhookStream = (webhookId: number): string => `webhook-${webhookId}`;
