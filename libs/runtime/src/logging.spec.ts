import { describe, expect, it } from 'vitest';
import { createLogger, describeError, gatherLines } from './logging.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  write(createLogger({ name: 'identity', level: 'info', instance: 'one' }, stream));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('log lines', () => {
  it('are JSON with name, level as a word, time and the request they belong to', () => {
    const [line] = logged((logger) => logger.child({ request_id: 'req-1' }).info({ count: 2 }, 'done'));
    expect(line).toMatchObject({
      level: 'info',
      name: 'identity',
      instance: 'one',
      request_id: 'req-1',
      count: 2,
      msg: 'done',
    });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('below the level are not written', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([]);
  });

  it('never hold what is named like a secret', () => {
    const text = JSON.stringify(
      logged((logger) =>
        logger
          .child({ token: 'hunter2' })
          .info({ password: 'hunter2', request: { authorization: 'hunter2' } }, 'x'),
      ),
    );
    expect(text).not.toContain('hunter2');
    expect(text.match(/\[secret\]/g)).toHaveLength(3);
  });

  it('describe errors by type, message, code and causes, without what else hangs on them', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER', document: { name: 'Somebody' } });
    const error = new Error('outer', { cause });
    expect(describeError(error)).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { type: 'TypeError', message: 'inner', code: 'E_INNER' },
    });
    expect(JSON.stringify(logged((logger) => logger.error({ err: error }, 'x')))).not.toContain('Somebody');
    expect(describeError('text')).toEqual({ type: 'string', message: 'text' });
  });

  it('end a circle of causes', () => {
    const error = new Error('one');
    error.cause = error;
    expect(describeError(error).message).toBe('one');
  });
});

describe('lines of one turn of the event loop', () => {
  it('are written together, in order, when it is over', async () => {
    const written: string[] = [];
    const lines = gatherLines((text) => written.push(text));
    lines.write('one\n');
    lines.write('two\n');
    expect(written).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    lines.write('three\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual(['one\ntwo\n', 'three\n']);
  });

  it('are written before it is over when there are many of them, or when they are asked for', () => {
    const written: string[] = [];
    const lines = gatherLines((text) => written.push(text));
    for (let i = 0; i < 40; i += 1) lines.write('x'.repeat(1023) + '\n');
    expect(written.join('')).toHaveLength(33 * 1024);
    lines.flushSync();
    expect(written.join('')).toHaveLength(40 * 1024);
  });
});
