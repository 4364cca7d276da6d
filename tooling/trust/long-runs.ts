import type { Run } from './page.ts'

/** A part of `.ci/long`, and how its last run ended. Written by hand: nobody else may say that it was seen. */
export interface LongRun {
  readonly part: string
  readonly what: string
  readonly ended: string
  readonly run?: Run
}

export const longRuns: readonly LongRun[] = [
  {
    part: '.ci/long random',
    what: 'Workers, coordinators and Redis are killed at random moments; half of the backups are encrypted.',
    ended:
      '200 kills. Each ended with the whole backup or with none, and each backup was restored by three processes of which one was killed.',
    run: { date: '2026-11-27', commit: '7011ca94' },
  },
  {
    part: 'examples/million',
    what: 'A database of 1,000,000 records, backed up by four workers of which two were killed, restored by three of which one was killed.',
    ended:
      'Compared record by record, equal. See [Larger than one machine](guides/larger-than-one-machine.md#tried).',
    run: { date: '2026-11-27', commit: '31b0d502' },
  },
]
