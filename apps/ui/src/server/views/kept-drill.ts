import { BackupError } from '@s3db-backup/core'
import * as z from 'zod'
import type { KeptDrill } from '../../api/schedule.js'
import { plainText } from '../plain-text.js'

const count = z.number().catch(0)

/** The shown parts of a report. Anyone who can write to the destination may have written it. */
const reported = z.looseObject({
  id: z.string(),
  ok: z.boolean(),
  startedAt: z.string(),
  duration: count,
  chain: z.array(z.string()).catch([]),
  scratch: z.string().catch(''),
  resources: z.record(
    z.string(),
    z.looseObject({
      records: count,
      compared: count,
      different: count,
      examples: z.array(z.string()).catch([]),
    }),
  ),
  problems: z.array(z.looseObject({ code: z.string().catch(''), message: z.string().optional() })).catch([]),
  signOff: z
    .looseObject({ by: z.string().nullish(), signature: z.unknown().optional() })
    .optional()
    .catch(undefined),
})

const most = 500

/** @throws BackupError `corrupt` for what is no report. */
export function keptDrillView(key: string, report: unknown): KeptDrill {
  const parsed = reported.safeParse(report)
  if (!parsed.success)
    throw new BackupError('corrupt', `The object '${key}' is not a drill report`, {
      operation: 'download',
      suggestion: 'Run the drill again.',
    })
  const { id, ok, startedAt, duration, chain, scratch, resources, problems, signOff } = parsed.data
  return {
    ...{ key, backup: id, ok, at: startedAt, duration, scratch },
    chain: chain.slice(0, most),
    by: signOff?.by ?? null,
    signed: signOff?.signature != null,
    resources: Object.entries(resources)
      .slice(0, most)
      .map(([name, { records, compared, different, examples }]) => ({
        ...{ name, records, compared, different },
        examples: examples.slice(0, 10),
      })),
    problems: problems.slice(0, most).map(({ code, message }) => plainText(message ?? code)),
  }
}
