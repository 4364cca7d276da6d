import { matchesGlob } from 'node:path'

/** Which tests a run has. */
export type Suite =
  /** `pnpm test`: all but what is listed here. */
  | 'quick'
  /** `pnpm test:all`: all but what is for `.ci/long`. */
  | 'all'
  /** What `pnpm test:all` has beyond `pnpm test`; with S3_ENDPOINT also what talks to a server. */
  | 'rest'
  /** `.ci/long`: what is found by chance and patience. */
  | 'long'

/** Files by their paths from the root of the repository, and why they are not for every run. */
type Reasons = Readonly<Record<string, string>>

/** Not with `pnpm test`: they cost minutes of processor time. */
export const slow: Reasons = {
  'tooling/trust/**': 'the trust suite: crashes, faults, hostile input',
  '**/deletion-crash.test.ts': 'a crash at every step of prune, undelete and purge',
  '**/deletion-model.test.ts': 'a model of all that can be done to backups, in any order',
  '**/{,rotation-,abort-}interleavings.test.ts': 'hundreds of orders of the steps of two and three processes',
  '**/chain-corruption.test.ts': 'damage everywhere in a chain',
  'apps/plugin/test/processes.test.ts': 'what two processes do at once, in mixed orders',
  '**/{fidelity,s3-fidelity}.test.ts': 'every type of attribute with every behaviour, there and back',
  '**/incremental-{history,clocks}.test.ts': 'a model of random histories of a database',
  '**/s3-versions{,-model,-pairs}.test.ts':
    'a database as it was, at 400 moments of a random history, and while pairs of records are written',
  '**/s3-undo-model.test.ts': 'random histories of a database, and undos to any moment of them',
  '**/s3-{database,faults}.test.ts': 'whole databases on a server, and its faults',
  '**/{lying-scratch,s3-lying-server}.test.ts':
    'every lie of a storage, with a drill and in the words of a server',
  '**/lying-targets.test.ts': 'every lie of a target, in each mode of a restore',
  'packages/query/test/attacks.test.ts': 'SQL that reaches for more than it may, a process for each',
  'apps/cli/test/first-backup-guide.test.ts': 'the first backup to S3, as the guide has it',
  'apps/cli/test/query.test.ts': 'DuckDB, a process of its own for each question',
  'apps/ui/test/{browser,hostile-browser,large,s3-browser}.test.ts':
    'a browser, each page in each width and colour, and large data',
  'packages/driver-s3/**/{faults,adaptation}.test.ts': 'every fault of a network and every quirk of a server',
  '**/documented-lambda.test.ts': 'a process with little memory',
  'apps/cli/src/small-heap.test.ts': 'the same',
  'tooling/test/peak-memory.test.ts': 'the same',
  'packages/encryption/**/recovery.test.ts': 'a recovery by hand, with what the recovery document says',
  'packages/driver-filesystem/test/deletion.test.ts': 'deletions by several processes that are killed',
  'tooling/site/site.test.ts': 'the whole site, built',
  'tooling/pictures/pictures.test.ts': 'the run of the command that a picture shows',
  'tooling/docs/{query-page,four-ways}.test.ts': 'DuckDB and every driver, a process for each answer',
  'tooling/docs/snippets.test.ts': 'every block of the documents, in the order of the page',
  'packages/shards-bullmq/test/queue.test.ts': 'a Redis of Debian, with workers that are killed',
  'apps/cli/test/worker.test.ts': 'the same, by the command',
  'packages/s3db/test/shards-odd-ids.test.ts': 'odd ids through every step of shards, on a server',
  'packages/create-driver/test/template.test.ts': 'a driver that is made, built and proved',
  '**/shards-{interleavings,crash}.test.ts':
    'hundreds of orders of the steps of workers and coordinators, and a fault at every one',
  'tooling/deploy/kubernetes.test.ts': 'the types of the whole API of Kubernetes',
  '**/store-steps.test.ts': 'a fault at every step of a backup to several destinations',
  'packages/core/**/memory.test.ts': 'much data through little memory',
  'packages/driver-s3/**/memory.test.ts': 'the same',
  'tooling/bench/**': 'every row of the bench, measured once',
  'tooling/deploy/**': 'what is in deploy: linted by the tools of its ecosystem, and its commands run',
  'tooling/release/rehearsal/**': 'a release to a registry of this machine, installed by name',
  'tooling/supported/**': 'older versions of s3db.js, installed outside the workspace',
  'tooling/docs/api-report.test.ts': 'the declarations of every package, which pnpm test does not build',
  'tooling/docs/typescript.test.ts': 'the whole of TypeScript over every ts block',
}

/** With `pnpm test` too, but there they try less: they ask for `sized`. */
export const smaller: Reasons = {
  'packages/core/test/corruption.test.ts': 'damage at every byte of a backup',
  '**/manifest-file.test.ts': 'a manifest of a hundred thousand parts',
  'packages/encryption/**/corruption.test.ts': 'damage everywhere in an encrypted chain',
  'packages/encryption/**/codec.test.ts': 'a long stream through little memory',
  'packages/driver-s3/**/contract.test.ts': 'a listing of more than a page',
  'packages/driver-multi/**/contract.test.ts': 'large objects at several destinations',
  'packages/query/test/chain-law.test.ts': 'a hundred chains, each read by core and by DuckDB',
  '**/scale.test.ts': 'tens of thousands of records',
  'packages/format-conformance/**/two-readers.test.ts': 'hundreds of forged backups, read by two readers',
  '**/{s3-,}two-writers.test.ts': 'backups of a database that two processes write to',
  '**/backup-under-faults.test.ts': 'hundreds of faults of a network',
}

/** Only with `pnpm test:all`: what `pnpm check` does, too, which `.ci/run` runs beside its suites. */
export const checked: Reasons = {
  'tooling/pack-check/**': 'every package, packed and installed outside the workspace',
}

/** Only with `.ci/long`. */
export const long: Reasons = {
  '**/soak.test.ts': 'many rounds in one process',
  'packages/retention/test/restic/**': 'thousands of random plans beside those of restic',
  'apps/ui/test/large-restore.test.ts': '100,000 records into a database, from the page',
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

export const isAmong = (file: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matchesGlob(file, pattern))

/** Whether a suite has a file. */
export function has(suite: Suite, file: string, { S3_ENDPOINT }: NodeJS.ProcessEnv): boolean {
  const isLong = isAmong(file, Object.keys(long))
  // In the long suite the trust tests try hundreds of times more.
  if (suite === 'long') return isLong || file.startsWith('tooling/trust/')
  if (isLong) return false
  if (suite === 'all') return true
  if (isAmong(file, Object.keys(checked))) return false
  const isSlow = isAmong(file, Object.keys(slow))
  if (suite === 'quick') return !isSlow
  return isSlow || isAmong(file, Object.keys(smaller)) || (S3_ENDPOINT !== undefined && isAmong(file, onS3))
}
