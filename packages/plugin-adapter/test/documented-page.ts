import { files, promises } from './documented-promises.js'

/** Where the documents contradict each other, s3db.js, or what is safe, and what the plugin does then. */
const contradictions: readonly (readonly [string, string])[] = [
  [
    'Several destinations are `config.drivers` in the newer document and `config.destinations` in the older one.',
    'Both names work; both at once are refused.',
  ],
  [
    'Detailed logging is `logLevel` in the newer document and `verbose` in the older one.',
    "Both work: `verbose: true` is `logLevel: 'debug'`, and so is `logLevel: true`.",
  ],
  [
    'Events are `plg:backup:*` in the newer document and `backup_start`, `backup_complete`, `restore_complete` in the older one.',
    'The plugin sends both, the database gets the newer ones.',
  ],
  [
    'The error event has an error (`error.message`); the built-in plugin of s3db.js sends a text.',
    'It has the error.',
  ],
  [
    'Production Recommendations call `usePlugin` before `connect`; then s3db.js never gives the plugin its database.',
    'Call `connect` first, or give the plugin the database: `new BackupPlugin({ database: db, ... })`. Otherwise `backup()` rejects with `unavailable` and this advice.',
  ],
  [
    'Some snippets never install the plugin in a database.',
    'The tests pass one in the option `database`. Listing, status, verify and delete need none.',
  ],
  [
    "`size` is a text ('2.4 KB') in Quick Start and a number of bytes everywhere else.",
    '`size` and `compressed` are numbers of bytes.',
  ],
  [
    'Level 1 names a file `backup-....tar.gz`, Quick Start a folder `full-2025-10-21`, the rest a folder with the time and a random ending.',
    'A folder such as `full-2025-10-21T02-00-00-abc123`.',
  ],
  ['Level 2 says both "keep last 7 backups" and "older than 7 days".', '`count: 7` keeps the last seven.'],
  [
    'A filesystem driver without `config.path` is an error in one place and used in another.',
    'No `config` at all means `./backups`; a `path` that is not a string is an error.',
  ],
  [
    "Security examples give a fixed salt (`'backup-salt-2024'`).",
    'That salt is refused, because everybody knows it. Without a salt, each backup gets a random one.',
  ],
  [
    'Error Structure has `metadata`, Error Prevention `description`, Common Errors `Operation`, `Driver`, `Suggestion`.',
    'Every error has all of them, and a `code`.',
  ],
  [
    'The FAQ gives the ImporterPlugin the path as the option `filePath`, which s3db.js does not read.',
    '`importer.import(path)` reads our files.',
  ],
  [
    "The older document calls `testDb.resource('users')`.",
    's3db.js has `testDb.resources.users`, as in the newer document.',
  ],
]

/** Figures in the documents, and where ours come from. */
const figures: readonly (readonly [string, string])[] = [
  [
    'Constant memory, "~10KB"',
    'Constant: `packages/core/test/memory.test.ts` (ten times the records take no more heap). Not 10 KB: Node alone takes 40 MiB. ' +
      '`tooling/bench/RESULTS.md` has the peak of 10,000,000 records.',
  ],
  [
    '8,300 records/s, 10,000 changed records/s, 70-90 % smaller',
    '`pnpm bench` measures it, next to the built-in plugin on the same machine; `tooling/bench/RESULTS.md`.',
  ],
  [
    '"Zero data loss"',
    '`pnpm test:trust` tries to lose data; `docs/trust.md` lists what was tried and that nothing was lost.',
  ],
]

/** The page that says which test proves which promise. */
export function documentedSurface(): string {
  return `# The documented surface

What the two documents of the backup plugin promise, and the tests that prove it. Where they differ, the newer document
counts. The snippets run unchanged, except for local paths and buckets.

## What the documents leave open

**Schedule.** \`schedule: { daily: '0 2 * * *' }\` makes a \`full\` backup at each time; the backup's metadata
have the key, under \`schedule\`. The array form takes \`{ name, cron, type, timezone }\` and the options of \`backup()\`; an
\`incremental\` entry starts its chain itself. Without \`timezone\` the time zone of the process counts. The schedule starts
when the plugin is added to a connected database, or when the database connects. It pauses after \`disconnect()\` until the
plugin is added again. Scheduled backups are made one after the other. A missed backup (the newest backup of the entry is
older than its last due time) is made at the start, one for all entries that agree; \`catchUp: false\` turns that off, and an
entry without a backup waits for its first time. \`plugin.nextRuns()\` returns \`[{ name, cron, type, at }]\`. A failure goes
to \`onBackupError\`, \`plg:backup:error\`, \`plg:backup:schedule-error\` and the log. The timers keep no process alive.
\`stop()\` starts no more backups and waits for the running one; \`stop({ abort: true })\` cancels it.

**Hooks.** \`onBackupStart(type, { backupId, type })\`, \`onBackupComplete(type, result)\` with \`backupId\`,
\`onBackupError(type, { backupId, error })\`, \`onRestoreStart(id, { backupId, options })\`, \`onRestoreComplete(id, result)\`,
\`onRestoreError(id, { backupId, error })\`; sync or async; the plugin waits for them. A start hook that throws stops the
work, which rejects with the thrown error as \`cause\`. The others cannot break anything: their errors go to
\`plg:backup:hook-error\` and the log. \`plugin.config\` is read when it is needed: hooks and \`exclude\` can be set later.

**Events**, on the plugin and the database: \`plg:backup:start\` \`{ id, type, parent, resources }\`,
\`:progress\` \`{ id, type, resource, records, expected, bytes }\`, \`:complete\` (the result of \`backup()\`),
\`:error\` \`{ id, type, error }\`, \`:cancelled\` \`{ id, type, error }\` before \`:error\` if it was aborted,
\`:restore-start\`, \`:restore-progress\`, \`:restore-complete\` \`{ id, restored, ... }\`, \`:restore-error\` \`{ id, error }\`,
\`:cleanup\` \`{ count, removed }\`, \`:cleanup-error\`, \`:schedule-error\`, \`:hook-error\`. None with \`emitEvents: false\`.

**Log.** \`logLevel: 'debug'\` (or \`true\`, or \`verbose: true\`) writes start, progress and end of backups and restores to
the logger that s3db.js gives to its plugins; \`'info'\` omits the progress, \`'warn'\` writes only failures. Without a logger
nothing is written.

**Status.** From storage alone, in every process: \`completed\`; \`in-progress\` (started by any process less than
\`staleAfter\` ago: in ms, default a day, at least an hour; or longer ago, with a sign of life); \`incomplete\` (started longer
ago and never finished: its process died, there is no \`checksum\`; or finished, and the missing records are named);
\`failed\` (it failed or was cancelled and removed what it had written; \`error\` has the code, and in the process that made it
the error itself; unknown to other processes if it was refused before it started, or if not even a note could be written);
\`damaged\`, or \`null\`. \`cleanupBackups()\` also removes the leftovers of abandoned backups and the notes of failed ones after
\`staleAfter\`, never in a directory with a manifest, and never the only directory there is.

**tempDir** is where a drill restores to. Nothing else is written there; backups are not spooled.

## Promises and proofs

${Object.entries(promises).map(section).join('\n\n')}

## Where the documents contradict each other

${contradictions.map(([says, does]) => `- ${says} ${does}`).join('\n')}

## Figures

${figures.map(([promise, where]) => `- **${promise}**: ${where}`).join('\n')}

## Test files

${Object.entries(files)
  .map(([name, path]) => `- \`${name}\`: \`${path}\``)
  .join('\n')}
`
}

function section([heading, entries]: [string, (typeof promises)[string]]): string {
  const lines = entries.map(({ promise, tests }) => {
    const proofs = tests.map(([file, name]) => `  - \`${file}\`: ${name}`)
    return [`- ${promise}`, ...proofs].join('\n')
  })
  return `### ${heading}\n\n${lines.join('\n')}`
}
