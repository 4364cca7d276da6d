import { matchesGlob } from 'node:path'

/** Which tests a run has. */
export type Suite =
  /** `pnpm test`: all but what is listed here. */
  | 'quick'
  /** `pnpm test:all`: all but what is for `.ci/long`. */
  | 'all'
  /** What `pnpm test:all` has and `pnpm test` has not: what is slow, and with S3_ENDPOINT what talks to a server. */
  | 'rest'
  /** `.ci/long`: what is found by chance and patience. */
  | 'long'

/** Files by their paths from the root of the repository, and why they are not for every run. */
type Reasons = Readonly<Record<string, string>>

/** Not with `pnpm test`: they cost minutes of processor time. */
export const slow: Reasons = {
  'tooling/trust/**': 'the trust suite: crashes, faults, hostile input',
  '**/deletion-crash.test.ts': 'a crash at every step of prune, undelete and purge',
  '**/interleavings.test.ts': 'hundreds of orders of the steps of two and three processes',
}

/** Only with `.ci/long`. */
export const long: Reasons = {
  '**/soak.test.ts': 'many rounds in one process',
  '**/killed.test.ts': 'processes that are killed at random moments',
}

/** Talks to an S3 server: the small one in its own process, or the one in S3_ENDPOINT. */
export const onS3: readonly string[] = [
  'packages/driver-s3/**',
  '**/s3-*.test.ts',
  '**/documented-lambda.test.ts',
]

/** The suite that was asked for; without one there are no limits: who names a file means it. */
export function suiteIn({ SUITE }: NodeJS.ProcessEnv): Suite | undefined {
  if (SUITE === undefined || SUITE === '') return undefined
  if (SUITE === 'quick' || SUITE === 'all' || SUITE === 'rest' || SUITE === 'long') return SUITE
  throw new Error(`SUITE is quick, all, rest or long, not ${SUITE}`)
}

/** Whether a suite has a file. */
export function has(suite: Suite, file: string, { S3_ENDPOINT }: NodeJS.ProcessEnv): boolean {
  const among = (patterns: readonly string[]) => patterns.some((pattern) => matchesGlob(file, pattern))
  const isLong = among(Object.keys(long))
  if (suite === 'long' || isLong) return suite === 'long' && isLong
  if (suite === 'all') return true
  const isSlow = among(Object.keys(slow))
  return suite === 'quick' ? !isSlow : isSlow || (S3_ENDPOINT !== undefined && among(onS3))
}
