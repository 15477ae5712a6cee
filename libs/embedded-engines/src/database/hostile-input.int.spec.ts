import fc from 'fast-check';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { message, opMessage, RawClient, sequence } from './testing/raw-client.ts';
import { sharedEngine } from './testing/shared-engine.ts';

const engine = sharedEngine();

/** What it answers to bytes of any kind: a document, or the end of the connection; never silence. */
async function answerTo(bytes: Buffer): Promise<Record<string, unknown> | undefined> {
  const client = await RawClient.open(engine.port);
  client.send(bytes);
  client.socket.end();
  const answer = await client.receive();
  client.close();
  return answer?.document;
}

async function expectAlive(): Promise<void> {
  expect(await engine.client.db('admin').command({ ping: 1 })).toEqual({ ok: 1 });
  expect(engine.faults).toEqual([]);
}

const find = { find: 'c', filter: { a: 1 }, $db: 'hostile' };

describe('bytes that are no message', () => {
  it.each<[string, Buffer]>([
    ['a length below the header', Buffer.from('0f000000010000000000000000000000', 'hex')],
    ['a negative length', Buffer.from('ffffffff0100000000000000dd070000', 'hex')],
    ['a length beyond 48 MB', Buffer.from('ffffff7f0100000000000000dd070000', 'hex')],
    ['an unknown opcode', message(4711, Buffer.alloc(20))],
    ['a compressed message', message(2012, Buffer.alloc(20))],
    ['an old insert', message(2002, Buffer.alloc(40))],
    ['a message without a section', message(2013, Buffer.alloc(4))],
    [
      'an unknown section kind',
      message(2013, Buffer.concat([Buffer.alloc(4), Buffer.from([7]), BSON.serialize(find)])),
    ],
    ['two bodies', opMessage(find, { sections: [Buffer.concat([Buffer.from([0]), BSON.serialize(find)])] })],
    ['unknown required flags', opMessage(find, { flags: 4 })],
    ['a wrong checksum', opMessage(find, { flags: 1 })],
    [
      'a sequence longer than the message',
      opMessage(find, { sections: [Buffer.from([1, 0xff, 0xff, 0, 0, 0x61, 0])] }),
    ],
    ['a sequence without a name', opMessage(find, { sections: [Buffer.from([1, 6, 0, 0, 0, 0x61, 0x61])] })],
    [
      'a sequence twice',
      opMessage(find, { sections: [sequence('documents', [{}]), sequence('documents', [{}])] }),
    ],
    [
      'an old query of no command',
      message(
        2004,
        Buffer.concat([Buffer.alloc(4), Buffer.from('db.c\0'), Buffer.alloc(8), BSON.serialize({})]),
      ),
    ],
    ['an old query cut short', message(2004, Buffer.concat([Buffer.alloc(4), Buffer.from('admin.$cmd\0')]))],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ])('end the connection: %s', async (_, bytes) => {
    expect(await answerTo(bytes)).toBeUndefined();
    await expectAlive();
  });
});

describe('a message of arbitrary bytes', () => {
  it('is answered or ends the connection', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(2013, 2004, 1),
        async (bytes, opCode) => {
          const answer = await answerTo(message(opCode, Buffer.from(bytes)));
          expect(answer === undefined || 'ok' in answer).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
    await expectAlive();
  });

  it.each([
    ['find', { ...find, sort: { a: 1 }, projection: { a: 1 }, limit: 5 }],
    [
      'update',
      { update: 'c', updates: [{ q: { _id: 1 }, u: { $set: { a: 1 } }, upsert: true }], $db: 'hostile' },
    ],
    [
      'aggregate',
      {
        aggregate: 'c',
        pipeline: [{ $match: { a: 1 } }, { $group: { _id: '$a', n: { $sum: 1 } } }],
        cursor: {},
        $db: 'hostile',
      },
    ],
    ['createIndexes', { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a_1' }], $db: 'hostile' }],
    [
      'insert',
      {
        insert: 'c',
        documents: [{ a: [1, 'x', null, new Date(), /x/, new BSON.ObjectId()] }],
        $db: 'hostile',
      },
    ],
  ])('is answered or ends the connection when bytes of %s are changed', async (_, body) => {
    const whole = opMessage(body);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 16, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, byte] of changes) bytes[at] = byte;
          if (bytes.readUInt32LE(16) & 2) bytes.writeUInt32LE(0, 16); // moreToCome: silence would be right
          const answer = await answerTo(bytes);
          expect(answer === undefined || 'ok' in answer).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
    await expectAlive();
  });

  it('may come byte by byte, and several at once', async () => {
    const client = await RawClient.open(engine.port);
    for (const byte of opMessage({ ping: 1, $db: 'admin' }, { id: 7 })) client.send(Buffer.from([byte]));
    expect(await client.receive()).toMatchObject({ responseTo: 7, document: { ok: 1 } });
    client.send(Buffer.concat([1, 2, 3].map((id) => opMessage({ ping: 1, $db: 'admin' }, { id }))));
    for (const id of [1, 2, 3])
      expect(await client.receive()).toMatchObject({ responseTo: id, document: { ok: 1 } });
    client.close();
  });

  it('of a connection that ends in the middle is forgotten', async () => {
    for (let i = 0; i < 50; i += 1) {
      const client = await RawClient.open(engine.port);
      client.send(opMessage(find).subarray(0, 30));
      client.close();
    }
    await expectAlive();
  });
});

describe('a command that asks for harm', () => {
  const request = async (body: object) => {
    const client = await RawClient.open(engine.port);
    const answer = await client.request({ ...body, $db: 'hostile' });
    client.close();
    return answer;
  };

  it('with documents nested without end is not read', async () => {
    let nested: object = {};
    for (let i = 0; i < 5_000; i += 1) nested = { a: nested };
    let bytes = Buffer.from([5, 0, 0, 0, 0]);
    for (let i = 0; i < 5_000; i += 1) {
      const outer = Buffer.alloc(bytes.length + 8);
      outer.writeInt32LE(outer.length, 0);
      outer.set([3, 0x61, 0], 4);
      bytes.copy(outer, 7);
      bytes = outer;
    }
    expect(await answerTo(message(2013, Buffer.concat([Buffer.alloc(5), bytes])))).toBeUndefined();
    await expectAlive();
  });

  it('with a filter nested too deep is refused', async () => {
    let condition: object = { $gt: 1 };
    for (let i = 0; i < 120; i += 1) condition = { $not: condition };
    expect(await request({ find: 'c', filter: { a: condition } })).toMatchObject({ ok: 0, code: 2 });
  });

  it('with a pattern that would backtrack for ever is answered at once', async () => {
    await engine.client
      .db('hostile')
      .collection('texts')
      .insertOne({ text: `${'a'.repeat(40_000)}!` });
    const answer = await request({ find: 'texts', filter: { text: { $regex: '^(a+)+$' } } });
    expect(answer).toMatchObject({ ok: 1, cursor: { firstBatch: [] } });
    expect(await request({ find: 'texts', filter: { text: { $regex: '(?=a)b' } } })).toMatchObject({
      ok: 0,
      code: 2,
    });
    expect(await request({ find: 'texts', filter: { text: { $regex: '(' } } })).toMatchObject({
      ok: 0,
      code: 51091,
    });
  });

  it('with names that are none is refused', async () => {
    expect(await request({ find: 'a\0b' })).toMatchObject({ ok: 1 });
    expect(await request({ insert: 'a\0b', documents: [{}] })).toMatchObject({
      ok: 1,
      n: 0,
      writeErrors: [{ code: 73 }],
    });
    expect(await request({ create: '$x' })).toMatchObject({ ok: 0, code: 73 });
    expect(await request({ create: 'x'.repeat(300) })).toMatchObject({ ok: 0, code: 73 });
    const client = await RawClient.open(engine.port);
    expect(await client.request({ ping: 1, $db: '../etc' })).toMatchObject({ ok: 0, code: 73 });
    client.close();
  });

  it('with far places of arrays does not fill the memory', async () => {
    await engine.client.db('hostile').collection('arrays').insertOne({ a: [] });
    const answer = await request({
      update: 'arrays',
      updates: [{ q: {}, u: { $set: { 'a.99999999': 1 } } }],
    });
    expect(answer).toMatchObject({ writeErrors: [{ code: 2 }] });
  });

  it('with members of the wrong type says which', async () => {
    expect(await request({ find: 5 })).toMatchObject({ ok: 0, code: 14 });
    expect(await request({ find: 'c', filter: 5 })).toMatchObject({
      ok: 0,
      code: 14,
      errmsg: expect.stringContaining("'find.filter'"),
    });
    expect(await request({ find: 'c', limit: 'x' })).toMatchObject({ ok: 0, code: 14 });
    expect(await request({ find: 'c', limit: -1 })).toMatchObject({ ok: 0, code: 51024 });
    expect(await request({ find: 'c', bogus: 1 })).toMatchObject({ ok: 0, code: 40415 });
    expect(await request({ insert: 'c', documents: [] })).toMatchObject({ ok: 0, code: 16 });
    expect(await request({ insert: 'c' })).toMatchObject({ ok: 0, code: 40414 });
    expect(await request({ getMore: 5, collection: 'c' })).toMatchObject({ ok: 0, code: 14 });
    expect(await request({})).toMatchObject({ ok: 0, code: 59 });
    await expectAlive();
  });

  it('that wants no answer gets none, and the next one its own', async () => {
    const client = await RawClient.open(engine.port);
    client.send(opMessage({ insert: 'quiet', documents: [{ _id: 1 }], $db: 'hostile' }, { flags: 2, id: 1 }));
    client.send(opMessage({ bogus: 1, $db: 'hostile' }, { flags: 2, id: 2 }));
    client.send(opMessage({ count: 'quiet', $db: 'hostile' }, { id: 3 }));
    expect(await client.receive()).toMatchObject({ responseTo: 3, document: { n: 1 } });
    client.close();
  });
});

describe('the first word of an old driver', () => {
  it('is answered in its own form', async () => {
    const client = await RawClient.open(engine.port);
    const query = { ismaster: 1, helloOk: true };
    client.send(
      message(
        2004,
        Buffer.concat([
          Buffer.alloc(4),
          Buffer.from('admin.$cmd\0'),
          Buffer.from('00000000ffffffff', 'hex'),
          BSON.serialize(query),
        ]),
        9,
      ),
    );
    expect(await client.receive()).toMatchObject({
      opCode: 1,
      responseTo: 9,
      document: { ismaster: true, helloOk: true, maxWireVersion: 21 },
    });
    client.close();
  });
});
