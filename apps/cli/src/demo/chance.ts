/** Numbers that look like chance and are the same each time. */
export interface Chance {
  /** A whole number from `from` to `to`. */
  whole(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** From 1 to `most` different items. */
  some<T>(items: readonly [T, ...T[]], most: number): T[]
}

/** A linear congruential generator, with the constants of Numerical Recipes. */
export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const whole: Chance['whole'] = (from, to) => from + Math.floor(next() * (to - from + 1))
  const pick: Chance['pick'] = (items) => items[whole(0, items.length - 1)] ?? items[0]
  return {
    whole,
    pick,
    some: (items, most) => [...new Set(Array.from({ length: whole(1, most) }, () => pick(items)))],
  }
}
