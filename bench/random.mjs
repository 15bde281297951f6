// Numbers that look random and are the same in every run.

/** A source of numbers in [0, 1), begun anywhere (mulberry32). */
function source(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Choices that are the same for the same seed. */
export class Choices {
  #next;

  constructor(seed) {
    this.#next = source(seed);
  }

  /** Whether something happens that does with this chance. */
  is(chance) {
    return this.#next() < chance;
  }

  /** A whole number from `from` to `to`, both included. */
  number(from, to) {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  /** One of a list. */
  of(list) {
    return list[this.number(0, list.length - 1)];
  }

  /** So many different ones of a list, in its order. */
  some(list, count) {
    const chosen = new Set();
    while (chosen.size < Math.min(count, list.length)) chosen.add(this.number(0, list.length - 1));
    return list.filter((_, index) => chosen.has(index));
  }
}
