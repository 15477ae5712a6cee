import { createHash } from 'node:crypto';
import { operator, readModelsClient, RebuildPhase, serviceToken, TokenSigner } from '@touchline/rpc';
import { MongoClient } from 'mongodb';
import type { RunFile } from '../data-directory/run-file.ts';
import { loadSecrets } from '../start/secrets.ts';

const PATIENCE_MS = 3_600_000;

/** Rebuilds every context and names the collections whose bytes are not what they were. */
export async function rebuildDifferences(running: RunFile, dataDir: string): Promise<string[]> {
  const contexts = Object.keys(running.services);
  const before = await digests(running, contexts);
  const token = serviceToken(TokenSigner.fromPrivateJwk(loadSecrets(dataDir).keys.serviceKey), operator);
  await Promise.all(
    contexts.map(async (context) => {
      const client = readModelsClient(running.services[context] ?? '', token);
      try {
        // Nobody needs the old set to be kept up until every reader knows the new one.
        for await (const { phase } of client.rebuild({}, { timeoutMs: PATIENCE_MS }))
          if (phase >= RebuildPhase.SWITCHED) break;
      } finally {
        client.close();
      }
    }),
  );
  const after = await digests(running, contexts);
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
}

/** All but the mark of how far computation has looked, which lies beside its documents. */
const told = { _id: { $ne: -1 as never } };

/** Of the documents of each live collection, by `<context>.<name>`. */
async function digests({ mongodb_url: url }: RunFile, contexts: readonly string[]) {
  const client = new MongoClient(url);
  const found = new Map<string, string>();
  try {
    for (const context of contexts) {
      const db = client.db(context);
      const live = await db.collection<{ _id: string; set: number }>('sets').findOne({ _id: 'live' });
      for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
        const [model, set] = name.split('.');
        // How far a set is lies in it, too, and is not what it says.
        if (Number(set) !== live?.set || model === 'checkpoint') continue;
        const digest = createHash('sha256');
        for await (const bytes of db.collection(name).find(told, { raw: true, sort: { _id: 1 } }))
          digest.update(bytes as unknown as Buffer);
        found.set(`${context}.${model}`, digest.digest('hex'));
      }
    }
    return found;
  } finally {
    await client.close();
  }
}
