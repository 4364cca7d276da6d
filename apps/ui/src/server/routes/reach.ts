import { isBackupError } from '@s3db-backup/core'
import type { Hono } from 'hono'
import { type Presence, presence, type Reach, reach } from '../../api/reach.js'
import { answer } from '../answer.js'
import type { Page } from '../page.js'
import { plainText } from '../plain-text.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

/** Facts that take additional requests, and are requested once the page has something to show. */
export function reachRoutes(app: Hono<Visit>, page: Page): void {
  const { redactor } = page
  app.get('/api/reach', async (context) =>
    answer(context, redactor, reach, await reachOf(page, wanted(context, page))),
  )
  app.get('/api/presence', async (context) =>
    answer(context, redactor, presence, await presenceOf(page, wanted(context, page))),
  )
}

const noVersions: Reach = { versions: 'none', since: null, days: null, late: false, why: null }

async function reachOf({ plugin, database }: Page, signal: AbortSignal): Promise<Reach> {
  if (database === undefined) return noVersions
  try {
    const { versioning, from, noncurrentDays, late, missingRights } = await plugin.past.window({ signal })
    return {
      versions: versioning,
      since: from?.toISOString() ?? null,
      days: noncurrentDays,
      late,
      why: missingRights.length === 0 ? null : `The right is missing: ${missingRights.join(', ')}`,
    }
  } catch (error) {
    if (isBackupError(error, 'unsupported')) return noVersions
    if (!isBackupError(error)) throw error
    return { ...noVersions, versions: 'unasked', why: plainText(error.message) }
  }
}

/** With a single destination there is nothing to show beyond the list. */
async function presenceOf({ plugin }: Page, signal: AbortSignal): Promise<Presence> {
  if (plugin.config.driver !== 'multi') return { places: [] }
  const places = await plugin.replicas.presence({ signal })
  return {
    places: places.map(({ name, ids, error }) => ({
      name,
      ids: [...ids],
      error: error === undefined ? null : plainText(error.message),
    })),
  }
}
