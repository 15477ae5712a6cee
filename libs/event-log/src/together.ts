interface Waiting<Q, A> {
  readonly question: Q;
  readonly answered: PromiseWithResolvers<A>;
}

/** What the sockets bring at once is handled before. */
const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Makes one question of many: those of a turn of the event loop are asked together, and those that come meanwhile are
 * the next, so that every answer was looked for after its question came.
 *
 * @param ask an answer for each question, in their order; what it throws is thrown to all who asked with it
 * @param max questions of one round
 */
export function together<Q, A>(
  ask: (questions: readonly Q[]) => Promise<readonly A[]>,
  max = 500,
): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = [];
  let isAsking = false;

  const askAll = async () => {
    isAsking = true;
    while (waiting.length > 0) {
      await endOfTurn();
      const round = waiting.slice(0, max);
      waiting = waiting.slice(max);
      try {
        const answers = await ask(round.map(({ question }) => question));
        if (answers.length !== round.length)
          throw new Error(`${round.length} questions got ${answers.length} answers.`);
        for (const [i, answer] of answers.entries()) round[i]?.answered.resolve(answer);
      } catch (error) {
        for (const { answered } of round) answered.reject(error);
      }
    }
    isAsking = false;
  };

  return (question) => {
    const answered = Promise.withResolvers<A>();
    waiting.push({ question, answered });
    if (!isAsking) void askAll();
    return answered.promise;
  };
}

type Ask<Q, A> = (questions: readonly Q[]) => Promise<readonly A[]>;

/**
 * As `together`, with rounds of its own for each key; a key that nobody waits for any longer is forgotten.
 *
 * @returns takes how to ask with each question: all of one key ask the same way
 */
export function togetherBy<Q, A>(): (key: string, question: Q, ask: Ask<Q, A>) => Promise<A> {
  const byKey = new Map<string, { readonly ask: (question: Q) => Promise<A>; waiting: number }>();
  return async (key, question, ask) => {
    let rounds = byKey.get(key);
    if (!rounds) byKey.set(key, (rounds = { ask: together(ask), waiting: 0 }));
    rounds.waiting += 1;
    try {
      return await rounds.ask(question);
    } finally {
      rounds.waiting -= 1;
      if (rounds.waiting === 0) byKey.delete(key);
    }
  };
}
