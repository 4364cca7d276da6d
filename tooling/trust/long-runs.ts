import type { Run } from './page.ts'

/** What takes hours, and how its last run ended. Written by hand, by whoever saw it. */
export interface LongRun {
  readonly command: string
  readonly what: string
  /** Left out if it was not run yet. */
  readonly last?: { readonly ended: string; readonly run: Run }
}

/** Beside the trust suite, whose rows name their own runs. */
export const longRuns: readonly LongRun[] = [
  {
    command: '.ci/long node',
    what: 'Core, retention, encryption and the drivers on Node 22 and 26.',
    last: {
      ended: '2,827 passed on Node 22, 2,827 on Node 26; 17 and 16 skipped.',
      run: { date: '2026-11-28', commit: '59fa388b' },
    },
  },
  {
    command: '.ci/long law',
    what: 'For any backup: what verifies can be restored, and nothing else can.',
    last: {
      ended: '100,000 random destinations of up to three backups, damaged at random. None broke the law.',
      run: { date: '2026-11-28', commit: 'fd17141c' },
    },
  },
  {
    command: '.ci/long release',
    what: 'A release to a registry on this machine, installed by name on Node 22.15, 24 and 26.',
    last: {
      ended:
        '27 passed: all packages published, and installed by name on each of the three. The README ran on Node 24 and 26; on 22.15, which s3db.js 21 does not support, the READMEs of the packages that do without it.',
      run: { date: '2026-11-28', commit: '59fa388b' },
    },
  },
  {
    command: '.ci/long supported',
    what: 'Each s3db.js that is supported, on each Node that it supports.',
    last: {
      ended:
        '6 passed: databases of s3db.js 19.5.10 on Node 22.15, 24 and 26, and of 21.6.2 on 24 and 26, were backed up and restored.',
      run: { date: '2026-11-28', commit: '59fa388b' },
    },
  },
  {
    command: '.ci/long moto',
    what: 'The contract of a driver, faults, archived classes and their thaw, on moto.',
    last: {
      ended:
        '189 passed, 6 skipped. The first run had found that empty answers of moto were refused as those of no S3 endpoint, which is mended.',
      run: { date: '2026-11-28', commit: 'bcd2971d' },
    },
  },
  {
    command: '.ci/long random',
    what: 'Soaks, kills at random moments, random plans of retention beside restic.',
    last: {
      ended:
        '7 passed, and the eighth by itself later (dbacbe9b). Two writers for 600 s in files and 600 s on S3: nothing lost. 5,000 random plans of retention: those of restic, but for what the README of retention explains. 200 kills of workers, coordinators and Redis, half of them with encrypted backups: each ended with the whole backup or with none, and each backup was restored by three processes of which one was killed. The restore of 100,000 records from the page could not pass in this run: its test made a backup that no database can take. It passes since.',
      run: { date: '2026-11-28', commit: '9c70db48' },
    },
  },
  {
    command: 'examples/larger-than-one-machine',
    what: 'A database of 1,000,000 records, backed up by four workers of which two were killed, restored by three of which one was killed.',
    last: {
      ended:
        'Compared record by record, equal. See [Larger than one machine](guides/larger-than-one-machine.md#tried).',
      run: { date: '2026-11-27', commit: '31b0d502' },
    },
  },
]
