import { type Behavior, behaviors } from './kinds.js'

/** A cell that s3db.js itself does not let anybody fill, and what it says. */
export interface Impossible {
  readonly kind: string
  readonly behaviors: readonly Behavior[]
  /** Part of the error's text. */
  readonly says: string
  /** For people. */
  readonly because: string
}

/** Every one is tried again in each run: one that begins to work fails the test until its line is taken out. */
export const impossible: readonly Impossible[] = [
  {
    kind: 'date',
    behaviors,
    says: "The 'v' field must be a Date.",
    because:
      's3db.js decomposes the `Date` before it validates it. Use `datetime`, `dateonly` or `timeonly`.',
  },
  {
    kind: 'text',
    behaviors,
    says: "Invalid 'text' type in validator schema.",
    because: 'its validator does not know the type.',
  },
  {
    kind: 'vector',
    behaviors,
    says: "Invalid 'vector:4' type in validator schema.",
    because: 'its validator does not know the type. Use `embedding`.',
  },
  {
    kind: 'number, infinite',
    behaviors,
    says: "The 'v' field must be a number.",
    because: 'its validator takes finite numbers only.',
  },
  {
    kind: 'record over 2 KB',
    behaviors: ['enforce-limits'],
    says: 'Metadata size exceeds 2KB limit on insert',
    because: 'refusing such records is what the behaviour is for.',
  },
  {
    kind: 'record over 1 MB',
    behaviors: ['enforce-limits'],
    says: 'Metadata size exceeds 2KB limit on insert',
    because: 'refusing such records is what the behaviour is for.',
  },
  {
    kind: 'record over 1 MB',
    behaviors: ['truncate-data'],
    says: 'One record makes it encode more than 100000000 characters',
    because:
      'the insert removes one character at a time and encodes the rest each time: hours for one record.',
  },
]

export function impossibleIn(behavior: Behavior, kind: string): Impossible | undefined {
  return impossible.find((entry) => entry.kind === kind && entry.behaviors.includes(behavior))
}
