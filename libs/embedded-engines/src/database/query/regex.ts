import { setFlagsFromString } from 'node:v8';
import { readRegex, readString } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';

export interface CompiledRegex {
  readonly pattern: string;
  readonly options: string;
  /** The text that the value must contain (or begin with), when the pattern says nothing else. */
  readonly literal: { readonly text: string; readonly anchored: boolean } | undefined;
  test(value: RawValue): boolean;
}

/** A regular expression from a BSON one, or from a string with `$options`. */
export function compileRegex(value: RawValue, options?: string): CompiledRegex {
  if (value.type === BsonType.regex) {
    const own = readRegex(value);
    return compile(own.pattern, options ?? own.options);
  }
  if (value.type === BsonType.string) return compile(readString(value), options ?? '');
  throw new DatabaseError('BadValue', '$regex has to be a string');
}

function compile(pattern: string, options: string): CompiledRegex {
  if (pattern.includes('\0'))
    throw new DatabaseError('BadValue', 'Regular expression cannot contain an embedded null byte');
  const literal = options === '' ? literalOf(pattern) : undefined;
  return { pattern, options, literal, test: literal ? literalTest(literal) : patternTest(pattern, options) };
}

/** Whether a stored string contains the text or begins with it, seen on its bytes. */
function literalTest({ text, anchored }: { text: string; anchored: boolean }): (value: RawValue) => boolean {
  const wanted = Buffer.from(text);
  return ({ bytes, start, end }) => {
    const from = start + 4;
    if (anchored)
      return (
        end - 1 - from >= wanted.length &&
        bytes.compare(wanted, 0, wanted.length, from, from + wanted.length) === 0
      );
    return wanted.length === 0 || bytes.subarray(from, end - 1).includes(wanted);
  };
}

// A pattern that backtracks without end would stop the engine. V8 then changes to an engine whose time is linear; the
// flag holds for the process, and only for patterns without the parts that `refuseUnbounded` refuses.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

const maxPatternLength = 32_764;

function patternTest(pattern: string, options: string): (value: RawValue) => boolean {
  const unknown = /[^imsux]/.exec(options);
  if (unknown) throw new DatabaseError('Location51091', `invalid flag in regex options: ${unknown[0]}`);
  if (pattern.length > maxPatternLength)
    throw new DatabaseError('Location51091', 'Regular expression is too long');
  refuseUnbounded(pattern, options);
  const flags = [...new Set(options)].filter((flag) => flag !== 'u').join('');
  const regex = build(pattern, flags);
  return (value) => regex.test(readString(value));
}

function refuseUnbounded(pattern: string, options: string): void {
  const bare = pattern.replaceAll(/\\[^1-9kpPu]/g, '').replaceAll(/\[[^\]]*\]/g, '');
  const refused =
    (options.includes('x') && 'the option x') ||
    (/\(\?<?[=!]/.test(bare) && 'look-around') ||
    (/\\[1-9k]/.test(bare) && 'a back reference') ||
    (/\\[pPu]/.test(bare) && 'a Unicode escape') ||
    (/\{\d/.test(bare) && 'a counted repetition') ||
    (options.includes('i') && /[*+?{(]/.test(bare) && 'the option i with groups or repetitions');
  if (refused)
    throw new DatabaseError('BadValue', `${refused} in a regular expression is not supported by this server`);
}

function build(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw new DatabaseError('Location51091', `Regular expression is invalid: ${(error as Error).message}`);
  }
}

/** The text that a pattern of ordinary and escaped characters means, undefined when it means more than a text. */
function literalOf(pattern: string): CompiledRegex['literal'] {
  const anchored = pattern.startsWith('^');
  let text = '';
  for (let i = anchored ? 1 : 0; i < pattern.length; i += 1) {
    const character = pattern[i]!;
    if (character === '\\') {
      const escaped = pattern[i + 1];
      const code = escaped === 'x' ? /^x([0-9a-fA-F]{2})/.exec(pattern.slice(i + 1))?.[1] : undefined;
      if (code !== undefined) {
        text += String.fromCharCode(parseInt(code, 16));
        i += 3;
        continue;
      }
      if (escaped === undefined || /[0-9A-Za-z]/.test(escaped)) return undefined;
      text += escaped;
      i += 1;
    } else if ('^$.|?*+()[]{}'.includes(character)) return undefined;
    else text += character;
  }
  return { text, anchored };
}
