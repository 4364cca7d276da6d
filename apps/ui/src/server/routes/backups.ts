import type { Hono } from 'hono'
import * as z from 'zod'
import { backupDetails, backupList, comparison, retention } from '../../api/backups.js'
import { answer, queryOf } from '../answer.js'
import { saysGone } from '../known-overview.js'
import type { Page } from '../page.js'
import { detailsOf } from '../views/backup-details.js'
import { compared } from '../views/comparison.js'
import { listed } from '../views/listed.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

const oneBackup = z.object({ id: z.string().min(1).max(200) })
const twoBackups = z.object({ from: z.string().max(200), to: z.string().max(200) })

/** The backups at the destination: a list, one of them, two compared, and what the retention policy would delete. */
export function backupRoutes(app: Hono<Visit>, page: Page): void {
  const { plugin, redactor } = page

  app.get('/api/backups', async (context) => {
    const { overview, gone } = await page.overview.now()
    const backups = listed(overview)
    return answer(context, redactor, backupList, {
      backups,
      now: new Date().toISOString(),
      gone: saysGone(gone),
    })
  })

  app.get('/api/retention', async (context) => {
    const policy = plugin.config.retention !== undefined
    if (!policy) return answer(context, redactor, retention, { policy, removed: {}, kept: {}, blocked: null })
    const { removed, kept, blocked } = await plugin.cleanupBackups({
      dryRun: true,
      signal: wanted(context, page),
    })
    return answer(context, redactor, retention, {
      policy,
      blocked,
      removed: byId(removed),
      kept: byId(kept),
    })
  })

  app.get('/api/backup', async (context) => {
    const { id } = queryOf(context, oneBackup)
    return answer(context, redactor, backupDetails, await detailsOf(page, id, wanted(context, page)))
  })

  app.get('/api/compare', async (context) => {
    const { from, to } = queryOf(context, twoBackups)
    return answer(context, redactor, comparison, await compared(page, { from, to }, wanted(context, page)))
  })
}

function byId(
  decisions: readonly { readonly id: string; readonly reasons: readonly string[] }[],
): Record<string, string> {
  return Object.fromEntries(decisions.map(({ id, reasons }) => [id, reasons.join('; ')]))
}
