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
  schedule: 'packages/plugin-adapter/test/documented-schedule.test.ts',
  hooks: 'packages/plugin-adapter/test/documented-hooks.test.ts',
  status: 'packages/plugin-adapter/test/documented-status.test.ts',
  sweep: 'packages/core/src/sweep.test.ts',
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
      promise: 'AWS Lambda: only `/tmp` is written, and a time limit is kept',
      tests: [
        ['lambda', 'AWS Lambda: a handler writes below /tmp alone'],
        [
          'lambda',
          'AWS Lambda: a backup that would take longer than there is time stops before, and leaves nothing',
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
        ['corruption', 'cut anywhere'],
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
    { promise: 'S3 Storage Setup', tests: [['usage', 'S3 Storage Setup']] },
    {
      promise: 'Multi-Destination Setup, under `drivers` and `destinations`',
      tests: [['usage', 'Multi-Destination Setup: %s']],
    },
  ],
  'Driver Types': [
    { promise: 'Filesystem Driver: permissions', tests: [['usage', 'Filesystem Driver']] },
    { promise: 'Path Templates', tests: [['usage', 'Path Templates']] },
    { promise: 'S3 Driver', tests: [['usage', 'S3 Driver']] },
    { promise: 'Storage Classes', tests: [['usage', 'Storage Classes: %s']] },
    {
      promise: 'Multi Driver: `all`, `any`, `priority`',
      tests: [
        ['usage', 'all: fails if any fails'],
        ['usage', 'any: succeeds if at least one succeeds'],
        ['usage', 'priority: stops on first success'],
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
        ['schedule', 'makes a full backup when it is time, and notes which entry it was for'],
        ['schedule', 'shows the next runs, the soonest first, before and after the start'],
        ['schedule', 'never has two backups at once, and leaves out what is due again before its turn'],
        ['schedule', 'follows its time zone through the changes of the clock'],
        [
          'schedule',
          'catches up on a run that was missed, told from the destination alone, once for entries that agree',
        ],
        ['schedule', 'goes on after a backup that fails, tells of it, and leaves no rejection unhandled'],
        ['schedule', 'keeps no process alive'],
        ['schedule', 'makes no backup after stop(), and stop() waits for the one under way'],
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
      promise: '`getBackupStatus(backupId)`: completed, in-progress, stale, damaged, failed, unknown',
      tests: [
        ['usage', 'getBackupStatus(backupId)'],
        ['status', 'of a completed backup: what backup() gave, from the destination alone'],
        ['status', 'of a backup that another process is making: in-progress, from its first moment'],
        ['status', 'of a backup whose process died: stale once it is older than staleAfter'],
        ['status', 'of a damaged manifest: damaged, with the error'],
        [
          'status',
          'of a backup that failed here: failed, with the error; nothing of it is at the destination',
        ],
      ],
    },
    { promise: '`restore(backupId, options?)`', tests: [['usage', 'restore(backupId, options?)']] },
    { promise: '`deleteBackup(backupId)`', tests: [['usage', 'deleteBackup(backupId)']] },
    {
      promise: '`cleanupBackups()`',
      tests: [
        ['usage', 'cleanupBackups()'],
        ['status', 'also sweeps what abandoned backups left, and neither young ones nor backups'],
        ['sweep', 'never touches a directory with a manifest, even a damaged one'],
        ['sweep', 'leaves the newest where there is no backup at all'],
      ],
    },
  ],
  'Advanced Patterns': [
    {
      promise: 'Event-Driven Backup Monitoring, with the newer and the older names',
      tests: [
        ['patterns', 'Event-Driven Backup Monitoring: %s names'],
        ['hooks', 'are called with what the document names, sync or async'],
        [
          'hooks',
          'reach the plugin and the database with the documented payloads, and under their older names',
        ],
        ['hooks', 'of a failure carry the error itself'],
        ['hooks', 'onBackupStart can refuse: the backup rejects with what it said, and nothing is written'],
        ['hooks', 'that come afterwards cannot break anything: they are reported'],
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
