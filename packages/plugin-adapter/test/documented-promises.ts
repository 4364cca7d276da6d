/** What the documents promise, and where it is proved: `file` under the names in {@link files}, and the test's name. */
export interface Promised {
  readonly promise: string
  readonly tests: readonly (readonly [file: keyof typeof files, name: string])[]
}

/** Test files, from the root of the repository. */
export const files = {
  start: 'apps/plugin/test/documented-start.test.ts',
  usage: 'apps/plugin/test/documented-usage.test.ts',
  security: 'apps/plugin/test/documented-security.test.ts',
  patterns: 'apps/plugin/test/documented-patterns.test.ts',
  errors: 'apps/plugin/test/documented-errors.test.ts',
  faq: 'apps/plugin/test/documented-faq.test.ts',
  lambda: 'apps/plugin/test/documented-lambda.test.ts',
  processes: 'apps/plugin/test/processes.test.ts',
  killed: 'apps/plugin/test/killed.test.ts',
  s3: 'apps/plugin/test/s3-destination.test.ts',
  destinations: 'apps/plugin/test/destinations.test.ts',
  cli: 'apps/cli/test/round-trip.test.ts',
  'command line': 'apps/cli/test/command-line.test.ts',
  chain: 'apps/cli/test/chain.test.ts',
  'cli schedule': 'apps/cli/test/schedule.test.ts',
  health: 'apps/cli/src/schedule/health.test.ts',
  server: 'apps/cli/src/schedule/server.test.ts',
  schedule: 'packages/plugin-adapter/test/documented-schedule.test.ts',
  hooks: 'packages/plugin-adapter/test/documented-hooks.test.ts',
  status: 'packages/plugin-adapter/test/documented-status.test.ts',
  sweep: 'packages/core/src/deletion/sweep.test.ts',
  failed: 'packages/core/src/inventory/failed.test.ts',
  archived: 'packages/core/test/archived.test.ts',
  memory: 'packages/core/test/memory.test.ts',
  corruption: 'packages/core/test/corruption.test.ts',
} as const

/** By the documents' own headings. */
export const promises: Readonly<Record<string, readonly Promised[]>> = {
  TLDR: [
    { promise: '2 lines to get started', tests: [['start', '2 lines to get started']] },
    {
      promise: 'Memory does not grow with the data',
      tests: [['memory', 'ten times the records take no more heap, to back up and to restore']],
    },
  ],
  'BackupPlugin vs ReplicatorPlugin': [
    { promise: 'Used with `schedule`, beside other plugins', tests: [['start', 'Use Both Together']] },
    { promise: 'Recovery Time: list, restore the newest', tests: [['start', 'Recovery Time']] },
  ],
  Dependencies: [
    {
      promise: 'Production configuration: S3, schedule, retention, events on the database',
      tests: [['start', 'Production Recommendations']],
    },
    {
      promise: 'The same with `usePlugin` before `connect`, if the plugin is given its database',
      tests: [
        ['start', 'Production Recommendations, in the order of the document: usePlugin before connect'],
      ],
    },
    {
      promise: 'AWS Lambda: a read-only disk but for `/tmp`, no HOME, little memory, and a time limit',
      tests: [
        [
          'lambda',
          'AWS Lambda: the handler of the guide backs up on a disk that is read-only, without HOME, in little memory',
        ],
        [
          'lambda',
          'AWS Lambda: a backup that would take too long stops before, says so, leaves nothing, and the next one works',
        ],
      ],
    },
  ],
  'Quick Start': [{ promise: 'Database, data, backup, list, restore', tests: [['start', 'Quick Start']] }],
  Overview: [
    { promise: 'Backup Output Format', tests: [['start', 'Backup Output Format']] },
    { promise: 's3db.json Metadata Format', tests: [['start', 's3db.json Metadata Format']] },
    {
      promise: 'Data Integrity: damage at any byte is found',
      tests: [
        ['corruption', 'altered at any byte'],
        ['corruption', 'truncated anywhere'],
      ],
    },
  ],
  'Usage Journey': [
    'Level 1: Simple Daily Backups',
    'Level 2: Add Compression & Retention',
    'Level 3: Production - S3 Backups',
    'Level 4: Multi-Destination Backups',
    'Level 5: Automated with Monitoring',
    'Level 6: Selective Backups',
  ].map((name) => ({ promise: name, tests: [['start', name]] })),
  'Installation & Setup': [
    { promise: 'Basic Setup (Filesystem)', tests: [['usage', 'Basic Setup (Filesystem)']] },
    {
      promise: 'S3 Storage Setup: `storageClass` and `serverSideEncryption` hold for the objects',
      tests: [
        ['usage', 'S3 Storage Setup'],
        ['s3', 'storageClass is for the parts, and never for the manifest'],
        ['s3', 'serverSideEncryption and kmsKeyId apply to every object'],
      ],
    },
    {
      promise: 'Multi-Destination Setup, under `drivers` and `destinations`',
      tests: [['usage', 'Multi-Destination Setup: %s']],
    },
  ],
  'Driver Types': [
    { promise: 'Filesystem Driver: permissions', tests: [['usage', 'Filesystem Driver']] },
    { promise: 'Path Templates', tests: [['usage', 'Path Templates']] },
    {
      promise: "S3 Driver: the database's own bucket, another one, or a client of one's own",
      tests: [
        ['usage', 'S3 Driver'],
        ['s3', "go to the database's own bucket, with its keys and its server, if nothing else is said"],
        ['s3', 'go to another bucket with the same keys if only the bucket is said'],
        ['s3', 'go through a client of the AWS SDK that was given, which stays open'],
      ],
    },
    {
      promise: 'Storage Classes, also those that archive, with the default `verification`',
      tests: [
        ['usage', 'Storage Classes: %s'],
        ['archived', 'a backup at an archiving storage succeeds, and says that it was not read back'],
        [
          'destinations',
          'is reported as archived, is thawed on request, and can then be verified and restored',
        ],
      ],
    },
    {
      promise: 'Multi Driver: `all`, `any`, `priority`',
      tests: [
        ['usage', 'all: fails if any fails'],
        ['usage', 'any: succeeds if at least one succeeds'],
        ['usage', 'priority: stops on first success'],
        ['usage', 'priority: passes over a bucket that does not exist'],
      ],
    },
  ],
  'Configuration Options': [
    { promise: 'Defaults', tests: [['usage', 'Defaults']] },
    { promise: '`include`, `exclude`', tests: [['usage', 'include and exclude']] },
    { promise: '`compression`', tests: [['usage', 'compression: %s']] },
    { promise: '`tempDir`', tests: [['usage', 'tempDir: accepted, and nothing is ever written there']] },
    { promise: '`logLevel`, `verbose`', tests: [['hooks', '%s']] },
    { promise: 'Retention Policies (GFS)', tests: [['usage', 'Retention Policies (GFS)']] },
    {
      promise: '`schedule: { daily, weekly, monthly }`',
      tests: [
        ['schedule', 'makes a full backup when it is due, and records which entry it was for'],
        ['schedule', 'shows the next runs, the soonest first, before and after the start'],
        ['schedule', 'never runs two backups at once, and skips a run that is due again before its turn'],
        ['schedule', 'follows its time zone through clock changes'],
        [
          'schedule',
          'catches up on a missed run, known from the destination alone, once for entries that agree',
        ],
        ['schedule', 'does not catch up with catchUp: false, nor for an entry that has no backup yet'],
        ['schedule', 'ends with stop({ abort: true }), which cancels the running backup'],
        ['schedule', 'continues after a failed backup, reports it, and leaves no rejection unhandled'],
        ['schedule', 'keeps no process alive'],
        ['schedule', 'makes no backup after stop(), and stop() waits for the running one'],
      ],
    },
  ],
  'Usage Examples': [
    { promise: 'Basic Backup Operations', tests: [['usage', 'Basic Backup Operations']] },
    { promise: 'Backup Management', tests: [['usage', 'Backup Management']] },
    { promise: 'Enterprise Multi-Region Setup', tests: [['usage', 'Enterprise Multi-Region Setup: %s']] },
    { promise: 'Advanced Security Configuration', tests: [['security', 'Advanced Security Configuration']] },
  ],
  'API Reference': [
    { promise: 'Plugin Constructor', tests: [['usage', 'Plugin Constructor']] },
    { promise: '`backup(type, options?)`', tests: [['usage', 'backup(type, options?)']] },
    { promise: '`listBackups(options?)`', tests: [['usage', 'listBackups(options?)']] },
    {
      promise: '`getBackupStatus(backupId)`: completed, in-progress, incomplete, failed, damaged, unknown',
      tests: [
        ['usage', 'getBackupStatus(backupId)'],
        ['status', 'of a completed backup: the result of backup(), from the destination alone'],
        ['status', 'of a backup that another process is making: in-progress, from its first moment'],
        ['status', 'of a backup whose process died: incomplete once it is older than staleAfter'],
        ['status', 'of a damaged manifest: damaged, with the error'],
        [
          'status',
          'of a backup that failed: failed, here with the error, elsewhere with its code; its parts are gone',
        ],
        ['status', 'of a backup that failed before it could write anything: failed here, unknown elsewhere'],
        ['status', 'of an unknown id: null'],
        ['processes', 'is in-progress while it is made and completed afterwards'],
        [
          'processes',
          'is in-progress after kill -9, incomplete long after that, and unknown once it is swept',
        ],
        ['processes', 'is failed after its source failed, and unknown once that note is swept'],
        ['processes', 'is failed after the disk was full'],
        ['failed', 'reveals nothing that an error quotes: no record, key or address'],
        ['killed', 'every backup listed as complete after a kill at any of 20 moments can be restored'],
      ],
    },
    {
      promise: 'Several processes at one destination',
      tests: [
        ['processes', 'both back up at once, and both backups can be restored'],
        [
          'processes',
          'that back up under the same id: one wins, the other is a conflict, and the winner keeps everything',
        ],
      ],
    },
    { promise: '`restore(backupId, options?)`', tests: [['usage', 'restore(backupId, options?)']] },
    { promise: '`deleteBackup(backupId)`', tests: [['usage', 'deleteBackup(backupId)']] },
    {
      promise: '`cleanupBackups()`',
      tests: [
        ['usage', 'cleanupBackups()'],
        ['status', 'also sweeps the leftovers of abandoned backups, but no young ones and no backups'],
        ['sweep', 'never touches a directory with a manifest, even a damaged one'],
        ['sweep', 'leaves the newest if there is no backup at all'],
        ['failed', 'removes the notes that are older than the grace time, and no others'],
      ],
    },
  ],
  'Advanced Patterns': [
    {
      promise: 'Event-Driven Backup Monitoring, with the newer and the older names',
      tests: [
        ['patterns', 'Event-Driven Backup Monitoring: %s names'],
        ['hooks', 'are called with the documented arguments, sync or async'],
        [
          'hooks',
          'reach the plugin and the database with the documented payloads, and under their older names',
        ],
        ['hooks', 'of a failure carry the error itself'],
        ['hooks', 'onBackupStart can refuse: the backup rejects with its error, and nothing is written'],
        ['hooks', 'that run afterwards cannot break anything: their failures are reported'],
        ['hooks', 'are not sent with emitEvents: false; hooks are still called'],
      ],
    },
    { promise: 'Automated Backup Scheduling', tests: [['patterns', 'Automated Backup Scheduling']] },
    { promise: 'Backup Verification and Testing', tests: [['patterns', 'Backup Verification and Testing']] },
  ],
  'Best Practices': [
    {
      promise: '1. Choose the Right Driver Strategy',
      tests: [['patterns', '1. Choose the Right Driver Strategy: %s']],
    },
    {
      promise: '2. Implement Proper Retention Policies',
      tests: [['patterns', '2. Implement Proper Retention Policies: %s']],
    },
    {
      promise: '3. Use Compression Appropriately',
      tests: [['patterns', '3. Use Compression Appropriately']],
    },
    { promise: '4. Monitor Backup Health', tests: [['patterns', '4. Monitor Backup Health']] },
    {
      promise: '5. Secure Sensitive Data',
      tests: [['security', 'Best Practices: 5. Secure Sensitive Data']],
    },
    { promise: '6. Test Restore Procedures', tests: [['patterns', '6. Test Restore Procedures']] },
  ],
  'CLI Integration': [
    {
      promise: 'Create backups: full and incremental',
      tests: [
        ['cli', 'a backup prints the documented summary, and its progress as JSON lines'],
        ['chain', 'an incremental backup names its parent, and diff names what changed'],
      ],
    },
    {
      promise: 'List and status',
      tests: [
        ['cli', 'list, backup --list and backup --status show it in the documented words'],
        ['cli', 'list, show, verify and delete need neither a database nor a connection'],
        ['cli', 'backup --status reports a failed backup, and how to list if there is none'],
      ],
    },
    {
      promise: 'Restore operations, with and without `--overwrite`',
      tests: [
        ['cli', 'a restore into a new database restores every record'],
        ['cli', 'existing records are kept without --overwrite'],
      ],
    },
    {
      promise: 'No output has the credentials of `--connection`',
      tests: [['command line', 'no output ever has the credentials of a connection string']],
    },
    {
      promise: 'The schedule as a process: health, metrics, and an end that waits for the backup under way',
      tests: [
        ['cli schedule', 'a schedule makes its backups, reports them, and ends with 0 after the running one'],
        ['health', 'a due backup may take its grace time, and is overdue after it'],
        ['health', 'after a failure it is unhealthy until a backup succeeds'],
        ['server', '/healthz answers 200 while healthy, and names the newest backup'],
        ['server', '/healthz answers 503 with the reason, without credentials'],
        ['server', '/metrics uses seconds and bytes, escapes labels, and omits unknown values'],
      ],
    },
  ],
  'Error Handling': [
    { promise: 'Error Structure', tests: [['errors', 'Error Structure']] },
    { promise: 'Driver Configuration Error', tests: [['errors', 'Driver Configuration Error']] },
    { promise: 'Backup Upload Failed', tests: [['errors', 'Backup Upload Failed']] },
    { promise: 'Restore Failed', tests: [['errors', 'Restore Failed']] },
    {
      promise: 'Multi-Destination Strategy Failed',
      tests: [['errors', 'Multi-Destination Strategy Failed: %s']],
    },
    { promise: 'Error Prevention', tests: [['errors', 'Error Prevention']] },
  ],
  FAQ: [
    ...[
      'How to configure filesystem backup?',
      'How to configure S3 backup?',
      'How to configure multiple destinations? %s',
      'How to create a manual backup?',
      'How to restore a backup?',
      'How to list available backups?',
      'How to get backup status?',
      'How to cleanup old backups?',
      'Can I run backups in parallel for faster completion?',
      'How do I backup only specific partitions?',
      'Can I test backups without actually writing files?',
    ].map((name): Promised => ({ promise: name.replace(' %s', ''), tests: [['faq', name]] })),
    {
      promise: 'How to restore a backup? With the ImporterPlugin',
      tests: [['faq', 'FAQ: How to restore a backup? With the ImporterPlugin']],
    },
    { promise: 'How to encrypt backups?', tests: [['security', 'FAQ: How to encrypt backups?']] },
  ],
}
